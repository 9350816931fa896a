"""What k6 offers the cells of a run: the chosen loads of the matrix, with what the user says otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tripod.catalogue import shapes
from tripod.catalogue.k6 import MOST_VUS
from tripod.catalogue.shapes import SHAPES
from tripod.catalogue.workloads import Workload, read_workload
from tripod.inputs.errors import InputError, found
from tripod.inputs.loads import Load
from tripod.inputs.matrix import Matrix
from tripod.inputs.names import nearest
from tripod.inputs.stacks import Stack

REPLACING = {
    "vus": "vus",
    "rate": "rate",
    "slo_ms": "slo_ms",
    "route": "route",
    "keepalive": "keepalive",
    "duration": "duration_s",
    "warmup": "warmup_s",
}
"""Parameters that replace what each chosen load says: name → field of the load."""

# An iteration with room for a slow answer is proposed where a service level has none for the database.
_ROOM = 4


@dataclass(frozen=True)
class Offered:
    """One load of a run.

    Attributes:
        load: with what the user said.
        workload: what an iteration of it does.
        own_vus: whether a stack's own number of users holds; not if the user has said how many.

    """

    load: Load
    workload: Workload
    own_vus: bool

    def vus(self, stack: Stack) -> int:
        """Return the virtual users that a stack meets."""
        load = self.load
        if load.rate is not None and load.slo_ms is not None:
            return shapes.users(load.rate, self.workload.requests_per_iteration, load.slo_ms)
        return (self.own_vus and stack.vus.get(load.name)) or load.vus or 1

    def ceiling_rps(self, vus: int, db_sleep_ms: int | None) -> float | None:
        """Return the rate that a closed load cannot exceed; None without a limit, or of an open load."""
        return self.workload.ceiling_rps(vus, db_sleep_ms) if self.load.vus else None

    def planned(self, vus: int) -> dict[str, Any]:
        """Return the load of a cell with so many users, as it stands in plan.json."""
        return dataclasses.asdict(self.load) | {
            "model": self.load.model,
            "vus": vus,
            "pause_s": self.workload.pause_s,
        }

    def problem(self, db_sleep_ms: int | None) -> str | None:
        """Return why its service level cannot be kept at this latency; None if it can."""
        slo_ms, asks = self.load.slo_ms, self.workload.db_calls_per_iteration
        if slo_ms is None or not asks or (db_sleep_ms or 0) < slo_ms:
            return None
        return (
            f"slo_ms is {slo_ms}, but at db_sleep {db_sleep_ms} every request of load {self.load.name} that "
            f"asks the database takes longer; allowed: more than {db_sleep_ms}, or a lower db_sleep; "
            f"type: -e slo_ms={_ROOM * (db_sleep_ms or 0)}"
        )


def offered(chosen: Matrix, given: Mapping[str, Any], root: Path) -> list[Offered]:
    """Return the loads of a run.

    Args:
        chosen: its matrix.
        given: the parameters that the user said, parsed.
        root: the checkout.

    Raises:
        InputError: if a load is not in the matrix, or cannot be offered as the user says.

    """
    loads = _named(chosen, given.get("load"))
    problems = [*_of_no_load(chosen, loads, given)]
    found_ = []
    for load in loads:
        changes = {field: given[name] for name, field in REPLACING.items() if name in given}
        for key in shapes.OWN_KEYS:  # what a load of this shape does not have stays away
            if key not in SHAPES[load.shape].needs:
                changes.pop(key, None)
        changed = dataclasses.replace(load, **changes)
        workload = read_workload(changed.script, root)
        if changed.pause_s is not None:
            workload = dataclasses.replace(workload, pause_s=changed.pause_s)
        problem = _unknown_route(changed, workload)
        if problem is None and changed.route is not None:
            workload = workload.alone(changed.route)
        problem = problem or _too_many_users(changed, workload)
        if problem:
            problems.append(problem)
        found_.append(Offered(changed, workload, own_vus="vus" not in given))
    if problems:
        raise InputError(problems)
    return found_


def _named(chosen: Matrix, names: list[str] | None) -> list[Load]:
    """Return the loads of these names; the matrix's first if the user names none."""
    if names is None:
        return chosen.loads[:1]
    known = {load.name: load for load in chosen.loads}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"load is {found(name)}; {nearest(name, known)}allowed: {', '.join(known)}, of matrix "
            f"{chosen.name}"
            for name in unknown
        )
    return [known[name] for name in names]


def _of_no_load(chosen: Matrix, loads: list[Load], given: Mapping[str, Any]) -> Iterator[str]:
    """Give a problem for each parameter that belongs to a shape which no chosen load has."""
    for shape, facts in SHAPES.items():
        if any(load.shape == shape for load in loads):
            continue
        others = [load.name for load in chosen.loads if load.shape == shape]
        said = ", ".join(load.name for load in loads)
        for name in facts.needs:
            if name in given:
                choose = f", or a load that is {facts.model}; type: -e load={others[0]}" if others else ""
                yield (
                    f"{name} is {found(given[name])}, but load {said} is not {facts.model}, and has none; "
                    f"allowed: leave {name} out{choose}"
                )


def _unknown_route(load: Load, workload: Workload) -> str | None:
    if load.route is None or load.route in workload.routes:
        return None
    routes = list(workload.routes)
    return (
        f"route is {found(load.route)}, but load {load.name} has none of that name; "
        f"{nearest(load.route, routes)}allowed: {', '.join(routes)}; type: -e route={routes[-1]}"
    )


def _too_many_users(load: Load, workload: Workload) -> str | None:
    if load.rate is None or load.slo_ms is None:
        return None
    users = shapes.users(load.rate, workload.requests_per_iteration, load.slo_ms)
    if users <= MOST_VUS:
        return None
    most = load.rate * MOST_VUS // users
    return (
        f"rate is {load.rate} at slo_ms {load.slo_ms}, for which load {load.name} needs {users} virtual "
        "users; "
        f"allowed: at most {MOST_VUS} users; type: -e rate={most}"
    )
