"""Reads one JSON file of a run and checks it against its schema in `tripod/runs/schemas/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from tripod.runs.declaration import schema_of
from tripod.runs.table import Table
from tripod.runs.upgrade import KEYS_THEN

FORMATS = {"plan": 2, "hosts": 1, "record": 2, "end": 1, "summary": 1}
"""The version in which each document is written; all from 1 on are read. k6.json is k6's, and has none."""

_LONGEST_VALUE = 60


class DamagedFileError(Exception):
    """A file of a run cannot be used; the message names its path and why."""

    def __init__(self, path: Path, why: str) -> None:
        """Keep the path apart from the reason, so that callers can tell which file it was."""
        self.path = path
        super().__init__(f"{shown(path)}: {why}")


class MissingFileError(DamagedFileError):
    """The file is not there."""


@cache
def schema(kind: str) -> dict[str, Any]:
    """Return the schema of the newest `plan`, `hosts`, `record`, `end`, `k6` or `summary`."""
    if kind == "summary":
        return schema_of(Table, "summary.json")
    file = resources.files("tripod.runs").joinpath("schemas", f"{kind}.schema.json")
    return dict(json.loads(file.read_text(encoding="utf-8")))


@cache
def _validator(kind: str, version: int | None) -> Draft202012Validator:
    newest = schema(kind)
    then = KEYS_THEN.get((kind, version or 0), {})
    return Draft202012Validator({**newest, "properties": {**newest["properties"], **then}})


def read_document(path: Path, kind: str) -> dict[str, Any]:
    """Read the file and return it as it was written, if it is whole.

    Raises:
        MissingFileError: if there is no such file.
        DamagedFileError: if it is not JSON, has a format version that is not known, or breaks its schema.

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
    version = document.get("format") if isinstance(document, dict) else None
    if isinstance(document, dict) and kind in FORMATS:
        known = range(1, FORMATS[kind] + 1)
        if isinstance(version, bool) or version not in known:
            return f"format version is {_short(version)}, known: {', '.join(map(str, known))}"
    error = best_match(_validator(kind, version if kind in FORMATS else None).iter_errors(document))
    return None if error is None else _explain(error)


def shown(path: Path) -> str:
    """Return the path as a person would type it: relative to the working directory where it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _explain(error: ValidationError) -> str:
    rule: Any = error.validator_value
    instance: Any = error.instance
    where, found = _where(error), _short(error.instance)
    if error.validator == "required":
        missing = [name for name in rule if name not in instance]
        return f"{where} lacks {', '.join(repr(name) for name in missing)}"
    allowed: Callable[[], str] | None = {
        "enum": lambda: ", ".join("null" if value is None else str(value) for value in rule),
        "type": lambda: " or ".join(rule) if isinstance(rule, list) else rule,
        "minimum": lambda: f"{rule} or more",
        "exclusiveMinimum": lambda: f"more than {rule}",
        "pattern": lambda: f"text that matches {rule}",
        "minItems": lambda: f"{rule} entries or more",
        "maxItems": lambda: f"{rule} entries or fewer",
        "minProperties": lambda: f"{rule} entries or more",
    }.get(str(error.validator))
    return f"{where} is {found}, allowed: {allowed()}" if allowed else f"{where}: {error.message}"


def _where(error: ValidationError) -> str:
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return f"'{text}'" if text else "the file"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    text = f"'{value}'" if isinstance(value, str) else text
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
