"""docs/results.md says what the files hold; what is made from the library is up to date."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from run_files import ROOT

from tripod.runs.documents import schema

TEXT = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
QUOTED = set(re.findall(r"`([^`]+)`", TEXT))


def generator() -> ModuleType:
    """Return docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pages_with_parts() -> list[Path]:
    """Return every document that says that parts of it are made."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return [page for page in pages if "<!-- made by `make docs`" in page.read_text(encoding="utf-8")]


def test_generated_parts_are_up_to_date() -> None:
    """Each committed document is what `make docs` makes; no other document has such parts."""
    made = generator()
    assert set(made.PAGES) == set(pages_with_parts())
    for page in made.PAGES:
        text = page.read_text(encoding="utf-8")
        assert made.generated(text) == text, f"{page} is behind the library; type: make docs"


def test_every_generated_part_is_shown() -> None:
    """What the library declares stands in a document: no part is left out."""
    shown = {
        name
        for page in pages_with_parts()
        for name in re.findall(r"<!-- made by `make docs`: ([\w-]+) -->", page.read_text(encoding="utf-8"))
    }
    assert shown == set(generator().PARTS)


@pytest.mark.parametrize("kind", ["plan", "hosts", "record", "end"])
def test_every_key_is_explained(kind: str) -> None:
    """The section of a file names every key of its schema, also those that older runs lack."""
    section = TEXT.split(f"\n## {kind}.json\n")[1].split("\n## ")[0]
    quoted = set(re.findall(r"`([^`]+)`", section))
    named = {"format", "run_id"} | quoted
    assert set(schema(kind)["properties"]) <= named


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("plan", ("$defs", "cell")),
        ("record", ("properties", "database")),
        ("record", ("properties", "k6", "items")),
    ],
)
def test_every_inner_key_is_explained(kind: str, path: tuple[str, ...]) -> None:
    """So is each key of a cell, and of the parts of a record that people look into."""
    part = schema(kind)
    for step in path:
        part = part[step]
    assert set(part["properties"]) <= QUOTED
