"""The stints of a run: what one ansible-playbook measured of it, and what each continuation did.

Each has files of its own: plan.json, hosts.json and end.json, then plan.1.json, hosts.1.json, end.1.json and
so on. A trial of a later plan takes the place of one of the same cell and repeat, whose files stay; but not
where nothing of that plan was begun: who ends a continuation before its first trial loses no trial by it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tripod.runs import files, upgrade
from tripod.runs.documents import DamagedFileError, MissingFileError, read_document
from tripod.runs.explain import listed, short

Slot = tuple[str, int]
"""A cell and the number of its repeat: of each, one trial counts."""


@dataclass(frozen=True)
class Stint:
    """One of them.

    Attributes:
        number: 0 for the first, N for the Nth continuation.
        plan: its plan, in today's format.
        hosts: its hosts, None if the file is missing or damaged.
        end: its end, likewise.
        begun: whether a trial of it was.

    """

    number: int
    plan: Mapping[str, Any]
    hosts: Mapping[str, Any] | None
    end: Mapping[str, Any] | None
    begun: bool


@dataclass(frozen=True)
class Planned:
    """A trial as it is planned, and the stint that it belongs to."""

    entry: Mapping[str, Any]
    stint: Stint

    @property
    def name(self) -> str:
        """Its name, which no other trial of the run has had."""
        return str(self.entry["trial"])

    @property
    def slot(self) -> Slot:
        """What it measures."""
        return self.entry["cell"], self.entry["repeat"]

    @property
    def block(self) -> int:
        """Number of the block that it is compared in."""
        return int(self.entry.get("block", self.entry["repeat"]))


def file_name(kind: str, continuation: int = 0) -> str:
    """Return the name of a stint's `plan`, `hosts` or `end`."""
    return f"{kind}.{continuation}.json" if continuation else f"{kind}.json"


def read(path: Path, first: Mapping[str, Any], problems: list[str]) -> tuple[Stint, ...]:
    """Read the stints of the run in `path`, in their order.

    Hosts and end are wanted of the last one that counts only: an earlier one may have been killed.

    Args:
        path: the run's directory.
        first: its plan.json, as `tripod.runs.results.plan_from` gives it.
        problems: gets what is missing or was refused. After a plan that cannot be used nothing more is read.

    """
    plans = [first]
    slots = {trial["trial"]: (trial["cell"], trial["repeat"]) for trial in first["trials"]}
    for number in itertools.count(1):
        file = path / file_name("plan", number)
        if not files.exists(file):
            break
        try:
            plan = _continuing(file, first, number)
            slots |= _slots(plan, slots, file)
        except DamagedFileError as error:
            problems.append(str(error))
            break
        plans.append(plan)
    found = [Stint(number, plan, None, None, _is_begun(path, plan)) for number, plan in enumerate(plans)]
    wanted = last(found).number
    return tuple(_with_hosts_and_end(stint, path, problems, wanted=stint.number == wanted) for stint in found)


def last(stints: Sequence[Stint]) -> Stint:
    """Return the stint that says how a run stands: the last that any trial which counts is of."""
    return max(
        (planned.stint for planned in current(stints)), key=lambda stint: stint.number, default=stints[0]
    )


def current(stints: Sequence[Stint]) -> tuple[Planned, ...]:
    """Return the trials that count, one for each slot, in the order of measurement."""
    found: dict[Slot, Planned] = {}
    for planned in every(stints):
        if planned.slot in found and not planned.stint.begun:
            continue
        found.pop(planned.slot, None)  # a later one stands where it is measured
        found[planned.slot] = planned
    return tuple(found.values())


def every(stints: Sequence[Stint]) -> list[Planned]:
    """Return all trials that were ever planned, also those that others took the place of."""
    return [Planned(entry, stint) for stint in stints for entry in stint.plan["trials"]]


def merged(stints: Sequence[Stint]) -> dict[str, Any]:
    """Return the plan of the whole run: the last one's, with the trials that count.

    The commit is the last one's, too: what was measured with other code does not count any more.
    """
    kept = {key: stints[0].plan[key] for key in ("created_at", "inventory")}
    return {**last(stints).plan, **kept, "trials": [planned.entry for planned in current(stints)]}


def checked(plan: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Return a plan as read, in today's format, if it does not contradict itself.

    Raises:
        DamagedFileError: if it does.

    """
    cells = [cell["cell"] for cell in plan["cells"]]
    lost = sorted({trial["cell"] for trial in plan["trials"]} - set(cells))
    if lost:
        raise DamagedFileError(file, f"trials of unknown cells: {listed(lost)}")
    measured = (f"repeat {trial['repeat']} of {trial['cell']}" for trial in plan["trials"])
    twice = _twice(cells) or _twice(trial["trial"] for trial in plan["trials"]) or _twice(measured)
    if twice:
        raise DamagedFileError(file, f"more than once: {listed(twice)}")
    return upgrade.lift_plan(plan)


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _continuing(file: Path, first: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return the plan of a continuation, once it fits the run's first."""
    plan = checked(read_document(file, "plan"), file)
    if plan["run_id"] != first["run_id"] or plan.get("continuation") != number:
        told = f"'{plan['run_id']}', continuation {short(plan.get('continuation'))}"
        raise DamagedFileError(file, f"of run {told}; allowed: '{first['run_id']}', continuation {number}")
    cells = {cell["cell"] for cell in first["cells"]}
    strange = sorted(cells ^ {cell["cell"] for cell in plan["cells"]})
    if strange:
        raise DamagedFileError(file, f"cells that only one of plan.json and this has: {listed(strange)}")
    return plan


def _slots(plan: Mapping[str, Any], known: Mapping[str, Slot], file: Path) -> dict[str, Slot]:
    """Return the name of each trial → what it measures; a name that measured something else is refused."""
    slots = {trial["trial"]: (trial["cell"], trial["repeat"]) for trial in plan["trials"]}
    strange = sorted(name for name, slot in slots.items() if known.get(name, slot) != slot)
    if strange:
        raise DamagedFileError(file, f"trials that measured something else before: {listed(strange)}")
    return slots


def _is_begun(path: Path, plan: Mapping[str, Any]) -> bool:
    return any(files.exists(path / "trials" / trial["trial"]) for trial in plan["trials"])


def _with_hosts_and_end(stint: Stint, path: Path, problems: list[str], *, wanted: bool) -> Stint:
    found: dict[str, dict[str, Any] | None] = {}
    for kind in ("hosts", "end"):
        try:
            found[kind] = read_document(path / file_name(kind, stint.number), kind)
        except DamagedFileError as error:
            found[kind] = None
            if wanted or not isinstance(error, MissingFileError):
                problems.append(str(error))
    hosts = upgrade.lift_hosts(found["hosts"], stint.plan) if found["hosts"] else None
    return replace(stint, hosts=hosts, end=found["end"])
