"""Reads a run's directory, `results/<run_id>/`, and finds runs.

A file that is damaged, of an unknown format version or missing is named in `problems`; the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tripod.runs import upgrade
from tripod.runs.documents import DamagedFileError, MissingFileError, read_document, shown
from tripod.stats.figures import Figures, FiguresError, from_k6_summary
from tripod.verdicts import failures
from tripod.verdicts.evidence import Cell, Trial

LATEST = "latest"
_NO_RECORD = "no record of it; the run ended before"


class RunNotFoundError(Exception):
    """There is no such run, or none at all; the message says what there is and what to type next."""


@dataclass(frozen=True)
class Run:
    """A run as read.

    Attributes:
        path: its directory.
        plan: plan.json.
        hosts: hosts.json, None if missing or damaged.
        end: end.json, None if missing or damaged.
        trials: every trial of the plan, in the order of measurement.
        problems: every file that was refused or is missing, with the reason.

    """

    path: Path
    plan: Mapping[str, Any]
    hosts: Mapping[str, Any] | None
    end: Mapping[str, Any] | None
    trials: tuple[Trial, ...]
    problems: tuple[str, ...] = field(default=())


def read_run(path: Path) -> Run:
    """Read the run in `path`.

    Raises:
        DamagedFileError: if plan.json, without which nothing else can be understood, is missing or damaged.

    """
    problems: list[str] = []
    plan = read_plan(path)
    hosts = _read_or_note(path / "hosts.json", "hosts", problems)
    end = _read_or_note(path / "end.json", "end", problems)
    trials = tuple(_read_trial(path, plan, planned, problems) for planned in plan["trials"])
    known = {trial.name for trial in trials}
    problems += [
        f"{shown(found)}: not in the plan, left out"
        for found in sorted((path / "trials").glob("*/"))
        if found.name not in known
    ]
    return Run(path=path, plan=plan, hosts=hosts, end=end, trials=trials, problems=tuple(problems))


def read_plan(path: Path) -> dict[str, Any]:
    """Read the plan of the run in `path`, in today's format.

    Raises:
        DamagedFileError: if it is missing, damaged, or another run's.

    """
    plan = read_document(path / "plan.json", "plan")
    cells = {cell["cell"] for cell in plan["cells"]}
    lost = sorted({trial["cell"] for trial in plan["trials"]} - cells)
    if lost:
        raise DamagedFileError(path / "plan.json", f"trials of unknown cells: {', '.join(lost)}")
    return upgrade.lift_plan(plan)


def read_record(path: Path, plan: Mapping[str, Any], trial: str) -> dict[str, Any]:
    """Read the record of a trial of the run in `path`, in today's format.

    Args:
        path: the run's directory.
        plan: its plan, as `read_plan` gives it.
        trial: the trial's name.

    Raises:
        MissingFileError: if there is none.
        DamagedFileError: if it cannot be used.

    """
    return upgrade.lift_record(read_document(path / "trials" / trial / "record.json", "record"), plan)


def find_run(results: Path, run_id: str | None = None) -> Path:
    """Return the directory of the run, the latest if none is named.

    Raises:
        RunNotFoundError: if there is none.

    """
    runs = run_paths(results)
    if not runs:
        raise RunNotFoundError(f"no run in {shown(results)}; type: make bench")
    names = [run.name for run in runs]
    if run_id is None or run_id == LATEST:
        latest = results / LATEST
        return results / latest.resolve().name if latest.resolve().name in names else runs[-1]
    if run_id in names:
        return results / run_id
    near = get_close_matches(run_id, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise RunNotFoundError(
        f"no run '{run_id}' in {shown(results)}; {hint}valid: {', '.join(names)}; type: ./collect.py runs"
    )


def run_paths(results: Path) -> list[Path]:
    """Return the directories of all runs, oldest first."""
    plans = [path / "plan.json" for path in results.glob("*/") if path.name != LATEST]
    return [plan.parent for plan in sorted((p for p in plans if p.exists()), key=_age)]


def _age(plan: Path) -> tuple[str, str]:
    """Order runs by when they were planned; by name where that cannot be read."""
    try:
        created = str(read_document(plan, "plan")["created_at"])
    except DamagedFileError:
        created = ""
    return created, plan.parent.name


def _read_or_note(path: Path, kind: str, problems: list[str]) -> dict[str, Any] | None:
    try:
        return read_document(path, kind)
    except DamagedFileError as error:
        problems.append(str(error))
        return None


def _read_trial(run: Path, plan: Mapping[str, Any], planned: Mapping[str, Any], problems: list[str]) -> Trial:
    name, cell = planned["trial"], planned["cell"]
    folder = run / "trials" / name
    try:
        record = read_record(run, plan, name)
        _check_identity(folder / "record.json", record, planned)
    except MissingFileError:
        return Trial(name, cell, None, failure=(failures.NOT_RUN.code,), message=_NO_RECORD)
    except DamagedFileError as error:
        problems.append(str(error))
        return Trial(name, cell, None, failure=(failures.DAMAGED.code,), message=str(error))
    if record["status"] == "failed":
        return Trial(name, cell, record, failure=tuple(record["reasons"]), message=record["message"])
    try:
        return Trial(name, cell, record, figures=_figures(folder / "k6.json"))
    except DamagedFileError as error:
        problems.append(str(error))
        return Trial(name, cell, record, failure=(failures.DAMAGED.code,), message=str(error))


def _check_identity(path: Path, record: Mapping[str, Any], planned: Mapping[str, Any]) -> None:
    for key in ("trial", "cell", "repeat"):
        if record[key] != planned[key]:
            raise DamagedFileError(path, f"'{key}' is {record[key]!r}, the plan has {planned[key]!r}")


def _figures(path: Path) -> Figures:
    try:
        return from_k6_summary(read_document(path, "k6"))
    except FiguresError as error:
        raise DamagedFileError(path, str(error)) from None


def cells_of(run: Run) -> Iterator[Cell]:
    """Give every cell of the plan with its trials, in the order of the matrix and of the repeats."""
    trials: dict[str, list[Trial]] = {}
    for trial in run.trials:
        trials.setdefault(trial.cell, []).append(trial)
    return (Cell(planned, tuple(trials.get(planned["cell"], ()))) for planned in run.plan["cells"])
