"""Reads a run's directory, `results/<run_id>/`.

A file that is damaged, of an unknown format version or missing is named in `problems`; the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tripod.runs import activity, files, stints, upgrade
from tripod.runs.documents import (
    DamagedFileError,
    MissingFileError,
    parse_document,
    read_content,
    read_document,
    shown,
)
from tripod.runs.explain import listed
from tripod.runs.measured import figures_of
from tripod.runs.stints import Planned, Stint
from tripod.stats.figures import merged
from tripod.verdicts import calibration, failures
from tripod.verdicts.evidence import Cell, Load, Trial

_LOST = "no record.json, although the run completed"
_NO_RECORD = "no record.json: it was not reached, or the file was lost"


@dataclass(frozen=True)
class Run:
    """A run as read.

    Attributes:
        path: its directory.
        plan: plan.json; of a run that was continued the last plan, with the trials that count.
        hosts: hosts.json of the last stint that has one which can be used, None without any.
        end: end.json of the last stint that counts, None if missing or damaged.
        trials: every trial of the plan, in the order of measurement.
        problems: every file that was refused or is missing, with the reason.
        stints: what was measured at one go, each with plan, hosts and end of its own.

    """

    path: Path
    plan: Mapping[str, Any]
    hosts: Mapping[str, Any] | None
    end: Mapping[str, Any] | None
    trials: tuple[Trial, ...]
    problems: tuple[str, ...] = field(default=())
    stints: tuple[Stint, ...] = field(default=())


def read_run(path: Path) -> Run:
    """Read the run in `path`.

    Raises:
        DamagedFileError: if plan.json, without which nothing else can be understood, is missing or damaged.

    """
    problems: list[str] = []
    found = stints.read(path, read_first_plan(path), problems)
    plan = stints.merged(found)
    trials = tuple(_read_trial(path, plan, planned, problems) for planned in stints.current(found))
    strays = _strays(path / "trials", {planned.name for planned in stints.every(found)})
    if strays:
        problems.append(f"{shown(path / 'trials')}: not in the plan, left out: {listed(strays)}")
    hosts = next((stint.hosts for stint in reversed(found) if stint.hosts is not None), None)
    return Run(path, plan, hosts, stints.last(found).end, trials, tuple(problems), found)


def read_cell(path: Path, name: str) -> Cell:
    """Read a cell of the run in `path`, which may still go on; nothing of other cells is read.

    Raises:
        DamagedFileError: if plan.json is missing or damaged.
        KeyError: if the run has no such cell.

    """
    found = stints.read(path, read_first_plan(path), [])
    plan = stints.merged(found)
    current = [planned for planned in stints.current(found) if planned.entry["cell"] == name]
    trials = tuple(_read_trial(path, plan, planned, []) for planned in current)
    run = Run(path, plan, found[-1].hosts, None, trials, (), found)
    return {str(cell.planned["cell"]): cell for cell in cells_of(run)}[name]


def is_complete(run: Run) -> bool:
    """Whether every trial of the plan has its files, so that hosts have nothing more to give."""
    lacking = {failures.NOT_RUN.code, failures.DAMAGED.code}
    return not any(lacking & set(trial.failure) for trial in run.trials)


def can_be_made_up_for(run: Run) -> tuple[str, ...]:
    """Return the trials that something else than their cell kept from being measured."""
    return tuple(trial.name for trial in run.trials if failures.LOST & set(trial.failure))


def read_plan(path: Path) -> dict[str, Any]:
    """Read the plan of the run in `path`, in today's format, with the trials that count.

    A continuation whose plan cannot be used is left out; `read_run` names it.

    Raises:
        DamagedFileError: if plan.json is missing, damaged, or contradicts itself.

    """
    return stints.merged(stints.read(path, read_first_plan(path), []))


def read_first_plan(path: Path) -> dict[str, Any]:
    """Read plan.json alone, as it was before any continuation; raises as `read_plan`."""
    return plan_from(read_content(path / "plan.json", "plan"), path)


def plan_from(content: bytes, path: Path) -> dict[str, Any]:
    """Return what the content of plan.json of the run in `path` says; raises as `read_plan`."""
    file = path / "plan.json"
    return stints.checked(parse_document(content, file, "plan"), file)


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
    file = path / "trials" / trial / "record.json"
    record = read_document(file, "record", inside=path)
    try:
        return upgrade.lift_record(record, plan)
    except ValueError as error:
        raise DamagedFileError(file, str(error)) from None


def _strays(trials: Path, known: set[str]) -> list[str]:
    """Return what is in the directory of the trials and of none of them."""
    if not files.is_folder(trials):
        return []
    try:
        return sorted(found.name for found in trials.iterdir() if found.name not in known and found.is_dir())
    except OSError:
        return []  # whoever may not look there has had a problem with each record


def _read_trial(run: Path, plan: Mapping[str, Any], planned: Planned, problems: list[str]) -> Trial:
    name, end = planned.name, planned.stint.end
    folder = run / "trials" / name
    known: dict[str, Any] = {"name": name, "cell": planned.entry["cell"], "block": planned.block}
    try:
        record = read_record(run, plan, name)
        _check_identity(folder / "record.json", record, planned.entry)
    except MissingFileError:
        lost = _LOST if end and end["outcome"] == "completed" else _NO_RECORD
        return Trial(**known, record=None, failure=(failures.NOT_RUN.code,), message=lost)
    except DamagedFileError as error:
        problems.append(str(error))
        return Trial(**known, record=None, failure=(failures.DAMAGED.code,), message=str(error))
    known["record"] = record
    if record["status"] == "failed":
        return Trial(**known, failure=tuple(record["reasons"]), message=record["message"])
    did, loads = activity.by_host(record), plan["legs"]["load"]
    try:
        shared = tuple(Load(host, figures_of(folder, run, host, loads), did.get(host)) for host in loads)
        return Trial(
            **known,
            figures=merged([load.figures for load in shared]),
            activity=activity.by_leg(did, plan["legs"]),
            shared=shared if len(shared) > 1 else (),
        )
    except DamagedFileError as error:
        problems.append(str(error))
        return Trial(**known, failure=(failures.DAMAGED.code,), message=str(error))


def _check_identity(path: Path, record: Mapping[str, Any], planned: Mapping[str, Any]) -> None:
    for key in ("trial", "cell", "repeat"):
        if record[key] != planned[key]:
            raise DamagedFileError(path, f"'{key}' is {record[key]!r}, the plan has {planned[key]!r}")


def cells_of(run: Run) -> Iterator[Cell]:
    """Give every cell of the plan with its trials, in the order of the matrix and of the repeats."""
    trials: dict[str, list[Trial]] = {}
    for trial in run.trials:
        trials.setdefault(trial.cell, []).append(trial)
    separations, fastest = _separations(run.hosts), calibration.fastest_of_run(run.trials)
    return (
        Cell(planned, tuple(trials.get(planned["cell"], ())), separations, fastest)
        for planned in run.plan["cells"]
    )


def _separations(hosts: Mapping[str, Any] | None) -> dict[frozenset[str], str]:
    """Return how far every two legs stand apart; of several hosts of a leg, those that stand least so."""
    order = ("one-host", "shared-kernel", "separate-kernels")
    found: dict[frozenset[str], str] = {}
    for pair in hosts["separations"] if hosts else []:
        legs = frozenset(pair["legs"])
        found[legs] = min(found.get(legs, order[-1]), pair["separation"], key=order.index)
    return found
