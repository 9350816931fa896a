"""What is left of a run that was begun: the trials of a continuation.

A trial stays if it was measured to its end with what would measure it now: its fingerprint is the cell, the
code, the locks and the hosts. Any other is named, and measured again under a name of its own.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

from tripod.catalogue.words import count
from tripod.planning import differences, fingerprint, repeats
from tripod.runs import files, stints
from tripod.runs.explain import listed
from tripod.runs.results import Run
from tripod.runs.stints import Planned, Slot, Stint
from tripod.verdicts import failures, sleep
from tripod.verdicts.evidence import Trial
from tripod.verdicts.rule import Answer

# What a host is, as far as a rate may depend on it. Its address may change with DHCP.
_FACTS = (
    "system",
    "kernel",
    "architecture",
    "cpu_model",
    "cpus",
    "memory_bytes",
    "virtualisation",
    "python",
    "packages",
    "limits",
    "database",
)
# The kernel keeps a little more or less for itself at each boot.
_MEMORY_ALIKE = 0.02


def trials(run: Run, plan: Mapping[str, Any], hosts: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the trials of a continuation, in the order of measurement.

    Args:
        run: as it was read.
        plan: the continuation's; its `trials` are asked for cells and repeats that the run has not.
        hosts: its hosts.json; None before they were observed, when they are taken for the same.

    """
    known = {planned.slot: planned for planned in stints.current(run.stints)}
    measured = {trial.name: trial for trial in run.trials}
    now = _Now(plan, hosts)
    reasons = {slot: _why_again(planned, measured[planned.name], now) for slot, planned in known.items()}
    kept = [planned for slot, planned in known.items() if reasons[slot] is None]
    open_slots: list[Slot] = [slot for slot in known if reasons[slot] is not None]
    open_slots += [slot for slot in _slots(plan) if slot not in known]
    blocks = _blocks(open_slots, known, kept, hosts)
    entries = []
    for slot in sorted(open_slots, key=lambda slot: blocks[slot]):
        planned, (cell, repeat) = known.get(slot), slot
        entry = {"cell": cell, "repeat": repeat, "block": blocks[slot]}
        if planned is None:
            named = {"trial": _free_name(slot, run)}
        else:
            named = _named_again(planned, reasons[slot] or "", run)
        entries.append(named | entry)
    return entries


def _slots(plan: Mapping[str, Any]) -> list[Slot]:
    return [(trial["cell"], trial["repeat"]) for trial in plan["trials"]]


def _why_again(planned: Planned, trial: Trial, now: _Now) -> str | None:
    """Return why a trial does not count; None if it stays."""
    lost = [code for code in trial.failure if code in failures.LOST]
    if lost:
        return ", ".join(lost)
    if sleep.SLEPT.judge(trial) is Answer.GIVEN:
        return sleep.SLEPT.code
    return now.differs(planned)


class _Now:
    """What would be measured with now, against what the trials of a stint were measured with."""

    def __init__(self, plan: Mapping[str, Any], hosts: Mapping[str, Any] | None) -> None:
        self._plan, self._hosts = plan, hosts
        self._cells = {cell["cell"]: cell for cell in plan["cells"]}
        self._of_stints: dict[int, str | None] = {}
        self._of_cells: dict[tuple[int, str], str | None] = {}

    def differs(self, planned: Planned) -> str | None:
        """Return what was otherwise when a trial was measured; None if its fingerprint holds."""
        stint, name = planned.stint, planned.entry["cell"]
        if stint.number not in self._of_stints:
            self._of_stints[stint.number] = self._stint_differs(stint)
            for then in stint.plan["cells"]:
                places = differences.between(then, self._cells[then["cell"]])
                why = f"its cell was planned otherwise: {differences.told(places)}" if places else None
                self._of_cells[stint.number, then["cell"]] = why
        return self._of_stints[stint.number] or self._of_cells[stint.number, name]

    def _stint_differs(self, stint: Stint) -> str | None:
        code = fingerprint.differing(stint.plan["fingerprint"], self._plan["fingerprint"])
        if code:
            return f"measured with other code or packages: {', '.join(code)}"
        return _other_machines(stint, self._hosts) if self._hosts is not None else None


def _other_machines(stint: Stint, hosts: Mapping[str, Any]) -> str | None:
    """Return what the hosts of a stint were otherwise than they are now; None if nothing is known to be."""
    if stint.hosts is None:
        return "nothing tells which hosts it was measured on"
    places = []
    for name, host in hosts["hosts"].items():
        then = stint.hosts["hosts"].get(name, {})
        for key in _FACTS:
            alike = _MEMORY_ALIKE if key == "memory_bytes" else 0.0
            places += differences.between({name: {key: then.get(key)}}, {name: {key: host[key]}}, alike=alike)
    places += differences.between(
        {"separations": stint.hosts["separations"]}, {"separations": hosts["separations"]}
    )
    return f"measured on other hosts: {differences.told(places)}" if places else None


def _blocks(
    open_slots: list[Slot],
    known: Mapping[Slot, Planned],
    kept: list[Planned],
    hosts: Mapping[str, Any] | None,
) -> dict[Slot, int]:
    """Return the block of each trial that is left.

    A block is gone on with where its hosts have not been booted since; else what is left of it is one of its
    own.
    """
    closed = {
        planned.block for planned in kept if hosts is not None and not same_boot(planned.stint.hosts, hosts)
    }
    fresh = 1 + max((planned.block for planned in known.values()), default=0)
    numbers: dict[tuple[str, int], int] = {}
    found = {}
    for slot in sorted(open_slots, key=lambda slot: known[slot].block if slot in known else slot[1]):
        group = ("old", known[slot].block) if slot in known else ("new", slot[1])
        if group not in numbers:
            goes_on = slot in known and group[1] not in closed
            numbers[group] = group[1] if goes_on else fresh
            fresh += not goes_on
        found[slot] = numbers[group]
    return found


def same_boot(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    """Return whether no host was booted between two hosts.json; what is not proved counts as a boot."""
    seen = [_boots(hosts) for hosts in (before or {"hosts": {}}, now)]
    return seen[0] == seen[1] and None not in seen[0].values()


def _boots(hosts: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: (host.get("clock") or {}).get("boot_id") for name, host in hosts["hosts"].items()}


def _named_again(planned: Planned, why: str, run: Run) -> dict[str, str]:
    """Return what a plan says of a trial that was planned before.

    Its name is free until it begins, which makes its directory: those who work on a trial may outlive their
    ansible-playbook, and write there later.
    """
    if not _is_there(planned.name, run):
        kept = {key: planned.entry[key] for key in ("instead_of", "why") if key in planned.entry}
        return {"trial": planned.name, **kept}
    return {"trial": _free_name(planned.slot, run), "instead_of": planned.name, "why": why}


def _free_name(slot: Slot, run: Run) -> str:
    """Return the first name for a trial under which none has begun, be it one whose plan was lost."""
    name = first = "{}-r{}".format(*slot)
    tries = itertools.count(2)
    while _is_there(name, run):
        name = f"{first}-try{next(tries)}"
    return name


def _is_there(name: str, run: Run) -> bool:
    return files.exists(run.path / "trials" / name)


def announced(plan: Mapping[str, Any]) -> str:
    """Return what people are told of a run that begins, or goes on: how much there is to do, and why."""
    left, cells, parameters = plan["trials"], plan["cells"], plan["parameters"]
    minutes = math.ceil(plan["expected_seconds"] / 60)
    under = f"under load {', '.join(parameters['load'])}, about {count(minutes, 'minute')}"
    of_cells = f"of {count(len(cells), 'cell')} {under}"
    if "continuation" not in plan:
        return f"{plan['run_id']}: {count(len(left), 'trial')} {of_cells}; {repeats.bought(plan['repeats'])}"
    kept = len(cells) * parameters["repeats"] - len(left)
    lines = [f"{plan['run_id']}: left: {count(len(left), 'trial')} {of_cells}; kept: {kept}"]
    reasons: dict[str, list[str]] = {}
    for trial in left:
        if "why" in trial:
            reasons.setdefault(trial["why"], []).append(trial["instead_of"])
    lines += [f"measured again, {why}: {listed(names)}" for why, names in reasons.items()]
    return "\n".join(lines)
