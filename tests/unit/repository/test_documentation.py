"""docs/results.md says what the files hold."""

from __future__ import annotations

import re

import pytest
from run_files import ROOT

from tripod.runs.documents import validator
from tripod.verdicts.reasons import REASONS

TEXT = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
QUOTED = set(re.findall(r"`([^`]+)`", TEXT))


@pytest.mark.parametrize("kind", ["plan", "hosts", "record", "end", "summary"])
def test_every_key_is_explained(kind: str) -> None:
    """The section of a file names every key of its schema, also those that older runs lack."""
    section = TEXT.split(f"\n## {kind}.json\n")[1].split("\n## ")[0]
    quoted = set(re.findall(r"`([^`]+)`", section))
    named = {"format", "run_id"} | quoted
    assert set(validator(kind).schema["properties"]) <= named


def test_every_key_of_a_row_is_explained() -> None:
    """Each key of a row in summary.json has its meaning, and each of the database's side."""
    row = validator("summary").schema["$defs"]["row"]
    assert set(row["required"]) <= QUOTED
    assert set(row["properties"]["db"]["required"]) <= QUOTED


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("plan", ("$defs", "cell")),
        ("record", ("properties", "database")),
        ("record", ("properties", "k6")),
    ],
)
def test_every_inner_key_is_explained(kind: str, path: tuple[str, ...]) -> None:
    """So is each key of a cell, and of the parts of a record that people look into."""
    schema = validator(kind).schema
    for part in path:
        schema = schema[part]
    assert set(schema["properties"]) <= QUOTED


def test_reasons_are_those_of_the_library() -> None:
    """The page explains exactly the codes that the library declares."""
    section = TEXT.split("\n## Reasons\n")[1].split("\n## ")[0]
    codes = {
        code
        for line in section.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([a-z0-9-]+)`", line.split("|")[1])
    }
    assert codes | {"not-run", "damaged"} == set(REASONS)
