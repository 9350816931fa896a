"""The list of runs: one line each, without reading what k6 measured."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tripod.runs import going
from tripod.runs.documents import DamagedFileError
from tripod.runs.results import read_first_plan, read_record
from tripod.runs.stints import merged
from tripod.runs.stints import read as read_stints


@dataclass(frozen=True)
class ListedRun:
    """One run in the list.

    Attributes:
        run_id: name of its directory.
        matrix: name of its matrix, empty if unknown.
        created_at: when it was planned, empty if unknown.
        planned: trials of the plan.
        measured: of them, recorded as measured to their end.
        outcome: as in end.json, of the last continuation if there is one; `going on`; or why nothing can be
            said.

    """

    run_id: str
    matrix: str
    created_at: str
    planned: int
    measured: int
    outcome: str


def describe(path: Path, root: Path) -> ListedRun:
    """Return the line of the run in `path`; `root` is the checkout, which knows which of its runs go on."""
    try:
        stints = read_stints(path, read_first_plan(path), [])
    except DamagedFileError as error:
        return ListedRun(path.name, "", "", 0, 0, f"damaged ({error})")
    plan, end = merged(stints), stints[-1].end
    records = [_optional(read_record, path, plan, trial["trial"]) for trial in plan["trials"]]
    return ListedRun(
        run_id=path.name,
        matrix=plan["matrix"]["name"],
        created_at=plan["created_at"],
        planned=len(records),
        measured=sum(record is not None and record["status"] == "ok" for record in records),
        outcome=end["outcome"] if end else "going on" if _goes_on(path, root) else "unknown",
    )


def _goes_on(path: Path, root: Path) -> bool:
    """Whether the run is one of the checkout, not a copy elsewhere, and goes on for all that can be told."""
    try:
        return os.path.realpath(path.parent) == os.path.realpath(root / "results") and going.goes_on(
            root, path.name
        )
    except OSError:
        return False


def _optional(read: Callable[..., dict[str, Any]], *arguments: object) -> dict[str, Any] | None:
    """Return the document, or None if it is missing or damaged: the table names it, a list does not."""
    try:
        return read(*arguments)
    except DamagedFileError:
        return None
