"""What k6 offers the cells of a run: the chosen loads of the matrix, with what the user says otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tripod.catalogue import shapes
from tripod.catalogue.k6 import MOST_VUS
from tripod.catalogue.shapes import SHAPES
from tripod.catalogue.workloads import Workload, read_workload
from tripod.inputs.errors import InputError, found
from tripod.inputs.loads import Load
from tripod.inputs.matrix import Matrix
from tripod.inputs.names import closest, nearest
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
        hosts: how many load hosts share it.

    """

    load: Load
    workload: Workload
    own_vus: bool
    hosts: int = 1

    def vus(self, stack: Stack) -> int:
        """Return the virtual users that a stack meets."""
        load = self.load
        if load.rate is not None and load.slo_ms is not None:
            return shapes.users(load.rate, self.workload.requests_per_iteration, load.slo_ms)
        return (self.own_vus and stack.vus.get(load.name)) or cast("int", load.vus)

    def ceiling_rps(self, vus: int, db_sleep_ms: int | None) -> float | None:
        """Return the rate that a closed load cannot exceed; None without a limit, or of an open load."""
        return self.workload.ceiling_rps(vus, db_sleep_ms) if self.load.model == "closed" else None

    def planned(self, vus: int) -> dict[str, Any]:
        """Return the load of a cell with so many users, as it stands in plan.json."""
        return dataclasses.asdict(self.load) | {
            "model": self.load.model,
            "vus": vus,
            "pause_s": self.workload.pause_s,
        }

    def problem(self, db_sleep_ms: int | None) -> str | None:
        """Return why its service level cannot be kept at this latency; None if it can."""
        slo_ms, sleep_ms = self.load.slo_ms, db_sleep_ms or 0
        if slo_ms is None or not self.workload.db_calls_per_iteration or sleep_ms < slo_ms:
            return None
        proposed = min(_ROOM * sleep_ms, shapes.MOST_SLO_MS)
        typed = f"slo_ms={proposed}" if proposed > sleep_ms else f"db_sleep={slo_ms // _ROOM}"
        return (
            f"slo_ms is {slo_ms}, but at db_sleep {db_sleep_ms} every request of load {self.load.name} that "
            f"asks the database takes longer; allowed: more than {db_sleep_ms}, or a lower db_sleep; "
            f"type: -e {typed}"
        )


def offered(chosen: Matrix, given: Mapping[str, Any], root: Path, hosts: int = 1) -> list[Offered]:
    """Return the loads of a run.

    Args:
        chosen: its matrix.
        given: the parameters that the user said, parsed.
        root: the checkout.
        hosts: how many load hosts share each load.

    Raises:
        InputError: if a load is not in the matrix, or cannot be offered as the user says.

    """
    loads = _named(chosen, given.get("load"))
    made = [_offered(load, given, root, hosts) for load in loads]
    problems = [*_of_no_load(chosen, loads, given)]
    for one in made:
        problems += filter(None, (_unknown_route(one), _too_many_users(one)))
    if problems:
        raise InputError(problems)
    return made


def _offered(load: Load, given: Mapping[str, Any], root: Path, hosts: int) -> Offered:
    """Return a load with what the user says; a route that its workload has not is left to be refused."""
    others = set(shapes.OWN_KEYS) - set(SHAPES[load.shape].needs)
    said = {field: given[name] for name, field in REPLACING.items() if name in given and name not in others}
    changed = dataclasses.replace(load, **said)
    workload = read_workload(changed.script, root)
    if changed.pause_s is not None:
        workload = dataclasses.replace(workload, pause_s=changed.pause_s)
    if changed.route is not None and changed.route in workload.routes:
        workload = workload.alone(changed.route)
    return Offered(changed, workload, own_vus="vus" not in given, hosts=hosts)


def _named(chosen: Matrix, names: list[str] | None) -> list[Load]:
    """Return the loads of these names; the matrix's first if the user names none."""
    if names is None:
        return chosen.loads[:1]
    known = {load.name: load for load in chosen.loads}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"load is {found(name)}; {nearest(name, known)}allowed: {', '.join(known)}, of matrix "
            f"{chosen.name}; type: -e load={closest(name, known) or chosen.loads[0].name}"
            for name in unknown
        )
    return [known[name] for name in names]


def _of_no_load(chosen: Matrix, loads: list[Load], given: Mapping[str, Any]) -> Iterator[str]:
    """Give a problem for each parameter that no chosen load has."""
    said = ", ".join(load.name for load in loads)
    for name in shapes.OWN_KEYS:
        if name not in given or any(name in SHAPES[load.shape].needs for load in loads):
            continue
        model = next(facts.model for facts in SHAPES.values() if name in facts.needs)
        others = [load.name for load in chosen.loads if name in SHAPES[load.shape].needs]
        is_not = "" if any(load.model == model for load in loads) else f"is not {model}, and "
        kind = f"is {model}" if is_not else "has one"
        choose = f", or a load that {kind}" if others else ""
        typed = f"; type: -e load={others[0]}" if others else ""
        yield (
            f"{name} is {found(given[name])}, but load {said} {is_not}has none; "
            f"allowed: leave {name} out{choose}{typed}"
        )


def _unknown_route(offered: Offered) -> str | None:
    route, routes = offered.load.route, list(offered.workload.routes)
    if route is None or route in routes:
        return None
    return (
        f"route is {found(route)}, but load {offered.load.name} has none of that name; "
        f"{nearest(route, routes)}allowed: {', '.join(routes)}; "
        f"type: -e route={closest(route, routes) or routes[0]}"
    )


def _too_many_users(offered: Offered) -> str | None:
    load = offered.load
    if load.rate is None or load.slo_ms is None:
        return None
    users = shapes.users(load.rate, offered.workload.requests_per_iteration, load.slo_ms)
    if users <= MOST_VUS:
        return None
    return (
        f"rate is {load.rate} at slo_ms {load.slo_ms}: load {load.name} then needs {users} virtual users; "
        f"allowed: at most {MOST_VUS} users; type: -e rate={load.rate * MOST_VUS // users}"
    )
