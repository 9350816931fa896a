"""Reads one JSON file of a run and checks it against its declaration in `tripod/runs/formats/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from tripod.runs.explain import first_problem, short
from tripod.runs.formats.declaration import schema_of
from tripod.runs.formats.end import End
from tripod.runs.formats.hosts import Hosts
from tripod.runs.formats.k6 import K6Summary
from tripod.runs.formats.plan import Plan
from tripod.runs.formats.record import Record
from tripod.runs.formats.table import Table
from tripod.runs.upgrade import EARLIER

NEWEST: dict[str, type[msgspec.Struct]] = {
    "plan": Plan,
    "hosts": Hosts,
    "record": Record,
    "end": End,
    "summary": Table,
    "k6": K6Summary,
}
FORMATS = {"plan": 2, "hosts": 1, "record": 2, "end": 1, "summary": 1}
"""The version in which each document is written; all from 1 on are read. k6.json is k6's, and has none."""


class DamagedFileError(Exception):
    """A file of a run cannot be used; the message names its path and why."""

    def __init__(self, path: Path, why: str) -> None:
        """Keep the path apart from the reason, so that callers can tell which file it was."""
        self.path = path
        super().__init__(f"{shown(path)}: {why}")


class MissingFileError(DamagedFileError):
    """The file is not there."""


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of the newest `plan`, `hosts`, `record`, `end`, `k6` or `summary`."""
    return schema_of(NEWEST[kind], f"{kind}.json")


def read_document(path: Path, kind: str) -> dict[str, Any]:
    """Read the file and return it as it was written, if it is whole.

    Raises:
        MissingFileError: if there is no such file.
        DamagedFileError: if it is not JSON, has a format version that is not known, or is not as declared.

    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingFileError(path, "missing") from None
    except OSError as error:
        raise DamagedFileError(path, f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DamagedFileError(path, "not text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise DamagedFileError(path, f"not JSON: {error.msg} in line {error.lineno}") from None
    problem = problem_of(document, kind)
    if problem:
        raise DamagedFileError(path, problem)
    return dict(document)


def problem_of(document: object, kind: str) -> str | None:
    """Return what is wrong with the document, by its own format version, in one phrase, or None."""
    model = NEWEST[kind]
    if isinstance(document, dict) and kind in FORMATS:
        version = document.get("format")
        known = range(1, FORMATS[kind] + 1)
        if not isinstance(version, int) or isinstance(version, bool) or version not in known:
            return f"format version is {short(version)}, known: {', '.join(map(str, known))}"
        model = EARLIER.get((kind, version), model)
    try:
        msgspec.convert(document, model, strict=True)
    except msgspec.ValidationError as error:
        return first_problem(document, schema_of(model)) or str(error)
    return None


def shown(path: Path) -> str:
    """Return the path as a person would type it: relative to the working directory where it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
