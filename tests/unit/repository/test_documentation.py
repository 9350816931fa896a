"""Documents say what there is; what is made from the library is up to date."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from run_files import ROOT

from tripod.inputs.options import Option
from tripod.inputs.parameters import PARAMETERS
from tripod.inputs.variables import VARIABLES
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
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return [page for page in pages if "<!-- made by `make docs`" in page.read_text(encoding="utf-8")]


def anchors(page: Path) -> set[str]:
    """Return what GitHub makes of a page's headings, for links to them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_generated_parts_are_up_to_date() -> None:
    """Each committed document is what `make docs` makes; no other document has such parts."""
    made = generator()
    assert set(made.PAGES) == set(pages_with_parts())
    for page in made.PAGES:
        text = page.read_text(encoding="utf-8")
        assert made.generated(text) == text, f"{page} is behind the library; type: make docs"


def test_schemas_are_up_to_date() -> None:
    """Each file of a run has its schema in docs/schemas/, as the library makes it; nothing else is there."""
    made = generator().schemas()
    assert set((ROOT / "docs" / "schemas").iterdir()) == set(made)
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is behind the library; type: make docs"


def test_every_generated_part_is_shown() -> None:
    """What the library declares stands in a document: no part is left out."""
    shown = {
        name
        for page in pages_with_parts()
        for name in re.findall(r"<!-- made by `make docs`: ([\w-]+) -->", page.read_text(encoding="utf-8"))
    }
    assert shown == set(generator().PARTS)


@pytest.mark.parametrize(
    ("title", "declared"), [("Parameters", PARAMETERS), ("Inventory variables", VARIABLES)]
)
def test_every_name_a_user_may_say_is_listed(title: str, declared: dict[str, Option]) -> None:
    """docs/parameters.md has a row for each, in the order of their declaration."""
    text = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(declared)


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link of a document leads to a file of the repository, and to a heading of it if it names one."""
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


def test_contributing_names_what_there_is() -> None:
    """Every link and every path in CONTRIBUTING.md leads somewhere, but for what its examples add."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([^)#]+)", text))
    paths = set(re.findall(r"`((?:tripod|tests|roles|playbooks|docs|matrix|apps|k6)/[\w./]*)`", text))
    made = {path for path in paths if path.startswith("roles/clock/") or path == "tripod/verdicts/start.py"}
    assert {path for path in links | (paths - made) if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("kind", ["plan", "hosts", "record", "end"])
def test_every_key_is_explained(kind: str) -> None:
    """The section of a file names every key of its schema, also those that older runs lack."""
    section = TEXT.split(f"\n## {kind}.json\n")[1].split("\n## ")[0]
    quoted = set(re.findall(r"`([^`]+)`", section))
    named = {"format", "run_id"} | quoted
    assert set(schema(kind)["properties"]) <= named


@pytest.mark.parametrize(
    ("kind", "model"),
    [("plan", "PlannedCell"), ("record", "Database"), ("record", "K6")],
)
def test_every_inner_key_is_explained(kind: str, model: str) -> None:
    """So is each key of a cell, and of the parts of a record that people look into."""
    assert set(schema(kind)["$defs"][model]["properties"]) <= QUOTED
