"""Reads one JSON file of a run and checks it against its declaration in `tripod/runs/formats/`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tripod.catalogue.formats import LIMITS, VERSIONS
from tripod.catalogue.k6 import file_stem
from tripod.runs import files
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


def read_document(path: Path, kind: str, inside: Path | None = None) -> dict[str, Any]:
    """Read the file and return it as it was written, if it is whole.

    Args:
        path: the file.
        kind: which of the documents it is.
        inside: the run's directory, below which no link is followed; that of the file if it is not given.

    Raises:
        MissingFileError: if there is no such file.
        DamagedFileError: if it is not a regular file of a sound size, not JSON, has a format version that is
            not known, or is not as declared.

    """
    return parse_document(read_content(path, kind, inside), path, kind)


def read_content(path: Path, kind: str, inside: Path | None = None) -> bytes:
    """Return the file's content without a look at it; raises as `read_document`."""
    try:
        return files.read(path, most=LIMITS[kind], inside=inside or path.parent)
    except FileNotFoundError:
        raise MissingFileError(path, "missing") from None
    except OSError as error:
        raise DamagedFileError(path, f"cannot be read ({error.strerror})") from None
    except files.RefusedFileError as error:
        raise DamagedFileError(path, str(error)) from None


def read_k6(folder: Path, inside: Path, host: str = "", hosts: Sequence[str] = ("",)) -> dict[str, Any]:
    """Read what a k6 summed up of the trial in `folder`: k6.json.gz, or k6.json, as earlier runs have it.

    Raises as `read_document`.

    Args:
        folder: the trial's.
        inside: as `read_document` takes it.
        host: the load host that the k6 ran on; needed where there are several.
        hosts: the load hosts of the run.

    """
    path, content = k6_content(folder, inside, host, hosts)
    return parse_document(k6_text(path, content), path, "k6")


def k6_content(
    folder: Path, inside: Path, host: str = "", hosts: Sequence[str] = ("",)
) -> tuple[Path, bytes]:
    """Return which of the two files there is, and its content as it is on the disk; all as `read_k6`."""
    stem = file_stem("k6", host, hosts)
    path = folder / f"{stem}.json.gz"
    try:
        return path, read_content(path, "k6", inside)
    except MissingFileError:
        path = folder / f"{stem}.json"
        return path, read_content(path, "k6", inside)


def k6_text(path: Path, content: bytes) -> bytes:
    """Return the JSON of a summary; raises DamagedFileError where gzip does not have it."""
    if path.suffix != ".gz":
        return content
    try:
        return files.unzipped(content, LIMITS["k6"])
    except files.RefusedFileError as error:
        raise DamagedFileError(path, str(error)) from None


def parse_document(content: bytes, path: Path, kind: str) -> dict[str, Any]:
    """Return what the content of the file says, if it is whole; raises as `read_document`."""
    try:
        document = msgspec.json.decode(content)
        problem = problem_of(document, kind)
    except UnicodeDecodeError:
        raise DamagedFileError(path, "not text in UTF-8") from None
    except msgspec.DecodeError as error:
        raise DamagedFileError(path, _not_json(content, str(error))) from None
    except RecursionError:
        raise DamagedFileError(path, "nested too deeply") from None
    if problem:
        raise DamagedFileError(path, problem)
    return dict(document)


def problem_of(document: object, kind: str) -> str | None:
    """Return what is wrong with the document, by its own format version, in one phrase, or None."""
    model = NEWEST[kind]
    if isinstance(document, dict) and kind in VERSIONS:
        version = document.get("format")
        known = range(1, VERSIONS[kind] + 1)
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
        text = str(path.relative_to(Path.cwd()))
    except ValueError:
        text = str(path)
    # names of files are bytes; those that are no text would break whatever writes this
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _not_json(content: bytes, why: str) -> str:
    """Return why the content is no JSON, with the line in place of the decoder's byte."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "not text in UTF-8"
    why = why.removeprefix("JSON is malformed: ").partition(" - at ")[0]
    place = re.search(r" \(byte (\d+)\)$", why)
    if place is None:
        return f"not JSON: {why[0].lower()}{why[1:]}"
    line = content.count(b"\n", 0, int(place[1])) + 1
    return f"not JSON: {why[: place.start()]} in line {line}"
