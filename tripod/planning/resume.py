"""Whether a run that was begun may be continued: one of this checkout, asked for as it was planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tripod.catalogue.lengths import MOST_REPEATS
from tripod.inputs.errors import InputError, found
from tripod.planning import differences
from tripod.runs import files, finding, going, made, results, stints
from tripod.runs.documents import DamagedFileError
from tripod.runs.results import Run

OF_A_GO = ("run_id", "resume", "add_repeats")
"""Parameters that say what an ansible-playbook does with a run, and are none of the run's own."""


@dataclass(frozen=True)
class Earlier:
    """A run that is to be continued.

    Attributes:
        run: as it was read.
        given: what the user said of its parameters when it was planned.
        add: repeats that are added to every cell.

    """

    run: Run
    given: Mapping[str, Any]
    add: int

    @property
    def first(self) -> Mapping[str, Any]:
        """Its plan.json, which this checkout has noted; of later plans only the trials are taken."""
        return self.run.stints[0].plan

    @property
    def repeats(self) -> int:
        """Trials of every cell, the added ones included."""
        return self.add + max(int(planned.entry["repeat"]) for planned in stints.every(self.run.stints))


def is_asked(given: Mapping[str, Any]) -> bool:
    """Return whether a run is to be continued, by its parameters as parsed."""
    return bool(given.get("resume") or given.get("add_repeats"))


def earlier(given: Mapping[str, Any], root: Path, runs: Path) -> Earlier:
    """Return the run that is to be continued.

    Args:
        given: the parameters that the user said, parsed.
        root: the checkout.
        runs: the directory of all runs.

    Raises:
        InputError: if there is no such run, it goes on now, this checkout did not make it, or it was planned
            with other parameters.

    """
    run_id = given.get("run_id")
    asked = "add_repeats" if given.get("add_repeats") else "resume"
    if run_id is None:
        raise InputError(
            f"{asked} is {found(given[asked])}, but no run_id says which run is meant; allowed: the name of "
            "a run in results/ beside it; type: ./collect.py runs"
        )
    run = _read(run_id, root, runs)
    told = run.stints[0].plan.get("given")
    if told is None or any("fingerprint" not in stint.plan for stint in run.stints):
        raise InputError(
            f"run_id is {found(run_id)}, which an earlier Tripod planned without noting what its trials were "
            f"measured with; allowed: a run from since then; type: ./collect.py table --run {run_id}"
        )
    problems = list(_other_parameters(given, run))
    if problems:
        raise InputError(problems)
    before = Earlier(run, told, given.get("add_repeats") or 0)
    if before.repeats > MOST_REPEATS:
        if not before.add:
            raise InputError(
                f"run_id is {found(run_id)}, which has {before.repeats} trials of every cell by its plans; "
                f"allowed: at most {MOST_REPEATS}; type: ./collect.py table --run {run_id}"
            )
        raise InputError(
            f"add_repeats is {before.add}, which makes {before.repeats} trials of every cell; allowed: at "
            f"most {MOST_REPEATS - before.repeats + before.add}, since a run has at most {MOST_REPEATS} of "
            "each"
        )
    return before


def _read(run_id: str, root: Path, runs: Path) -> Run:
    """Return the run, if it is one of this checkout's, and does not go on."""
    try:
        path = finding.find_run(runs, run_id)
        if path.name != run_id:
            raise InputError(f"run_id is {found(run_id)}; allowed: the whole name, such as {path.name}")
        if going.goes_on(root, run_id):
            raise InputError(
                f"run_id is {found(run_id)}, a run that goes on now; allowed: to continue it when it has "
                "ended; type: ./collect.py table"
            )
        made.note_of(root, path)
        run = results.read_run(path)
    except finding.RunNotFoundError as error:
        raise InputError(f"run_id is {found(run_id)}: {error}") from None
    except made.NotMadeError as error:
        raise InputError(
            f"run_id is {found(run_id)}: {error}; allowed: a run that was made in this checkout, on the "
            f"hosts of its inventory; type: ./collect.py table --run {run_id}"
        ) from None
    except DamagedFileError as error:
        raise InputError(f"run_id is {found(run_id)}: {error}") from None
    if files.exists(path / stints.file_name("plan", len(run.stints))):
        raise InputError(f"run_id is {found(run_id)}: {problem}" for problem in run.problems)
    return run


def _other_parameters(given: Mapping[str, Any], run: Run) -> Iterator[str]:
    """Give a problem for each parameter of the run that the user says now, and said otherwise then."""
    before = {**run.stints[0].plan["parameters"], "repeats": run.plan["parameters"].get("repeats")}
    for name, value in given.items():
        if name in OF_A_GO or (name in before and before[name] == differences.plain(value)):
            continue
        was = f"was planned with {found(before[name])}" if before.get(name) is not None else "has none"
        more = " (-e add_repeats= adds some)" if name == "repeats" else ""
        yield (
            f"{name} is {found(value)}, but run {run.path.name} {was}; allowed: leave {name} out, since a "
            f"run is continued as it was planned{more}, or measure anew under another run_id"
        )


def check(before: Earlier, plan: Mapping[str, Any]) -> None:
    """Refuse to continue a run on what is no longer the same.

    Args:
        before: the run.
        plan: what would be planned now with its parameters.

    Raises:
        InputError: with what differs: matrix, legs, hosts, cells.

    """
    run, then = before.run, before.first
    seen = {
        "matrix": differences.between(then["matrix"]["content"], plan["matrix"]["content"]),
        "hosts of the legs": differences.between(then["legs"], plan["legs"]),
        "inventory": _other_hosts(then["hosts"], plan["hosts"]),
        "cells": _other_cells(then["cells"], plan["cells"]),
    }
    problems = [
        f"run_id is {found(run.path.name)}, and its {what} differs from now: {differences.told(places)}; "
        "allowed: what the run was planned with, or another run_id"
        for what, places in seen.items()
        if places
    ]
    if problems:
        raise InputError(problems)


def overtaken(plan: Mapping[str, Any], runs: str) -> list[str]:
    """Return why a plan can no longer be followed, once the hosts' leases keep all others away.

    Between plan and lease another may have come first, been waited for, and ended.

    Args:
        plan: as it was made.
        runs: the directory of all runs.

    """
    name = stints.file_name("plan", plan.get("continuation", 0))
    if not files.exists(Path(runs) / plan["run_id"] / name):
        return []
    told = f"run_id is {found(plan['run_id'])}, and {name} of it, which was to be written, is there by now"
    return [f"{told}: another ansible-playbook was quicker; allowed: to go on from there with -e resume=true"]


def _other_hosts(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what the inventory says otherwise of hosts; what only one version of Tripod asks for is not."""
    shared = [name for name in then if name in now]
    return [
        place
        for name in shared
        for key in then[name]
        if key in now[name]
        for place in differences.between({name: {key: then[name][key]}}, {name: {key: now[name][key]}})
    ]


def _other_cells(then: list[Mapping[str, Any]], now: list[Mapping[str, Any]]) -> list[str]:
    before, after = ({cell["cell"] for cell in cells} for cells in (then, now))
    gone, new = sorted(before - after), sorted(after - before)
    return [f"{name} is no longer there" for name in gone] + [f"{name} is new" for name in new]
