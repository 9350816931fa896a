"""Which runs this checkout made: a note for each, kept outside results/, where files of others may lie.

To fetch a run's files its inventory is given to Ansible, and an inventory can name programs to run. So only
the inventories of runs that this checkout made are used, and those come from the notes, not from plan.json.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Literal

import msgspec

from tripod.catalogue.formats import KB, RUN_ID
from tripod.runs import files
from tripod.runs.documents import parse_document, read_content

FOLDER = ".made"

_MOST = 64 * KB


class Note(msgspec.Struct, kw_only=True):
    """What is noted of a run.

    Attributes:
        format: format version.
        run_id: name of its directory.
        plan_sha256: of the bytes of plan.json as they were written.
        inventory: the files that the run was made with, relative to the checkout or absolute.

    """

    format: Literal[1]
    run_id: str
    plan_sha256: str
    inventory: list[str]


class NotMadeError(Exception):
    """Nothing shows that this checkout made the run; the message is a phrase that says why."""


def take_note(root: Path, run_dir: Path) -> None:
    """Note that the checkout at `root` made the run, whose plan.json was just written.

    Raises:
        DamagedFileError: if plan.json cannot be read.

    """
    path = run_dir / "plan.json"
    content = read_content(path, "plan")
    plan = parse_document(content, path, "plan")
    note = Note(
        format=1, run_id=run_dir.name, plan_sha256=_digest(content), inventory=list(plan["inventory"])
    )
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / f"{run_dir.name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(note)) + b"\n")


def note_of(root: Path, run_dir: Path) -> Note:
    """Return the note of the run, if this checkout made it and its plan.json is as it was written.

    Raises:
        NotMadeError: if there is none, or plan.json is another.
        DamagedFileError: if plan.json cannot be read.

    """
    return checked(root, run_dir.name, read_content(run_dir / "plan.json", "plan"))


def checked(root: Path, run_id: str, plan: bytes) -> Note:
    """Return the note of the run with this plan.json; raises NotMadeError."""
    note = _read(root, run_id)
    if note is None:
        raise NotMadeError("nothing notes that this checkout made it")
    if note.run_id != run_id or note.plan_sha256 != _digest(plan):
        raise NotMadeError("its plan.json is not the one that this checkout wrote")
    return note


def is_noted(root: Path, run_id: str) -> bool:
    """Whether a run of that name was made here, whatever its plan.json says now."""
    return _read(root, run_id) is not None


def is_run_id(name: str) -> bool:
    """Whether a directory's name can be a run's."""
    return re.fullmatch(RUN_ID, name) is not None


def _read(root: Path, run_id: str) -> Note | None:
    if not is_run_id(run_id):
        return None
    try:
        content = files.read(root / FOLDER / f"{run_id}.json", most=_MOST, inside=root)
        return msgspec.json.decode(content, type=Note)
    except (OSError, files.RefusedFileError, msgspec.MsgspecError, UnicodeDecodeError):
        return None  # a note that cannot be read proves nothing


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
