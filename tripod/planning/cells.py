"""The cells of a plan: every stack of the matrix, at every size and database setting that the run crosses."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from tripod.catalogue import databases, patience
from tripod.catalogue.servers import expected_identity, own_timeout_s
from tripod.inputs.errors import InputError, found
from tripod.inputs.matrix import Matrix
from tripod.inputs.names import nearest
from tripod.inputs.stacks import Size, Stack, sized_name
from tripod.planning import sharing
from tripod.planning.ledger import Concurrency, ledger, slots
from tripod.planning.offered import Offered

PREFIX = "tripod"
"""How the names of services begin, unless an inventory says otherwise."""

# So many iterations are proposed where the duration has no room for one.
_ITERATIONS = 10


def make(
    resolved: Mapping[str, Any],
    given: Mapping[str, Any],
    chosen: Matrix,
    loads: list[Offered],
    max_connections: int,
) -> list[dict[str, Any]]:
    """Return the cells in the order of the loads and of the matrix, as they stand in plan.json.

    Args:
        resolved: every parameter of the run.
        given: those that the user gave.
        chosen: its matrix.
        loads: what k6 offers.
        max_connections: the limit of a database that counts connections.

    Raises:
        InputError: if nothing is left to measure, or if cells cannot get their connections, or their answers.

    """
    cells = []
    problems: list[str | None] = []
    sized = list(_sized(_stacks(resolved, given, chosen), resolved))
    for offered in loads:
        ending = f"-{offered.load.name}" if len(loads) > 1 else ""
        for db_sleep_ms in resolved["db_sleep"] or [None]:
            problems += [_too_short(offered, db_sleep_ms), offered.problem(db_sleep_ms)]
            for stack, size in sized:
                cell = _cell(stack, size, chosen.database.kind, db_sleep_ms)
                cell |= _offered(offered, offered.vus(stack), db_sleep_ms)
                problems.append(sharing.problem(offered, cell["load"]["vus"]))
                cell["cell"] += ending
                cell["slots"] = slots(_concurrency(cell))
                problems.append(_impatient(cell))
                if chosen.database.counts_connections:
                    kept = ledger(_concurrency(cell), max_connections)
                    cell["ledger"] = kept.figures()
                    problems.append(kept.problem(cell["cell"]))
                cells.append(cell)
            if resolved["aa"]:
                cells.append(_twin(cells[-len(sized)]))
    if refused := [problem for problem in problems if problem]:
        raise InputError(dict.fromkeys(refused))
    return cells


def _twin(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell under a second name: where trials tell the two apart, they tell what is not there."""
    return {**cell, "cell": f"{cell['cell']}-twin", "twin_of": cell["cell"]}


def _offered(offered: Offered, vus: int, db_sleep_ms: int | None) -> dict[str, Any]:
    """Return what a cell is asked for, and how long is waited for it."""
    workload = offered.workload
    return {
        "requests_per_iteration": workload.requests_per_iteration,
        "db_calls_per_request": workload.db_calls_per_request,
        "queries_per_request": workload.db_queries_per_request,
        "views_per_request": workload.db_views_per_request,
        "load": offered.planned(vus),
        "ceiling_rps": offered.ceiling_rps(vus, db_sleep_ms),
        "patience": asdict(patience.users(vus, db_sleep_ms)),
    }


def prefixed(cells: list[dict[str, Any]], app: str, db: str) -> list[dict[str, Any]]:
    """Return the cells with the names of their services as these hosts have them (`service_prefix`)."""
    return [
        {
            **cell,
            "service": app + cell["service"].removeprefix(PREFIX),
            "db_service": db + cell["db_service"].removeprefix(PREFIX),
        }
        for cell in cells
    ]


def services(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the services that deploy defines: one for each database setting and stack instance."""
    known: dict[str, dict[str, Any]] = {}
    # One service of an app serves all latencies of the run.
    call_s = max(patience.call_s(cell["db_sleep_ms"]) for cell in cells)
    for cell in cells:
        known[cell["db_service"]] = {
            **databases.service(cell["database"], cell["db_sleep_ms"]),
            "name": cell["db_service"],
        }
        known[cell["service"]] = {
            "name": cell["service"],
            "leg": "app",
            "role": "webapp",
            "command": cell["command"],
            "pool": cell["pool"],
            "db_call_s": call_s,
        }
    return sorted(known.values(), key=lambda service: (service["leg"], service["name"]))


def _stacks(resolved: Mapping[str, Any], given: Mapping[str, Any], chosen: Matrix) -> list[Stack]:
    words = resolved["only"]
    unmet = [word for word in words if not any(stack.is_meant_by(word) for stack in chosen.stacks)]
    if unmet:
        names = [stack.name for stack in chosen.stacks]
        parts = [*(stack.framework for stack in chosen.stacks), *(stack.server for stack in chosen.stacks)]
        others = list(dict.fromkeys(filter(None, parts)))
        raise InputError(
            f"only is {found(word)}, which no stack matches; {nearest(word, [*names, *others])}allowed: a "
            f"glob over {', '.join(names)}; or one of {', '.join(others)}; or several, separated by commas"
            for word in unmet
        )
    stacks = [stack for stack in chosen.stacks if any(stack.is_meant_by(word) for word in words)]
    # What the matrix chooses is for those stacks that have threads, whichever the user left.
    if given.get("threads") and not any(stack.threads for stack in stacks):
        raise InputError(
            f"threads is {found(given['threads'])}, but no chosen stack's command has {{threads}}; "
            "allowed: leave it out, or choose stacks that take threads"
        )
    return stacks


def _sized(stacks: list[Stack], resolved: Mapping[str, Any]) -> Iterator[tuple[Stack, Size]]:
    for stack in stacks:
        for size in stack.crossed(resolved["workers"], resolved["threads"]):
            yield stack, size


def _cell(stack: Stack, size: Size, database: str, db_sleep_ms: int | None) -> dict[str, Any]:
    workers, threads = size
    name = sized_name(stack.name, size)
    command = stack.command.format(workers=workers, threads=threads)
    return {
        "cell": f"{name}{databases.suffix(db_sleep_ms)}",
        "stack": stack.name,
        "framework": stack.framework,
        "server": stack.server,
        "mode": stack.mode,
        "command": command,
        "workers": workers,
        "threads": threads,
        "pool": stack.pool,
        "ledger": None,
        "database": database,
        "db_sleep_ms": db_sleep_ms,
        "service": f"{PREFIX}-{name}",
        "db_service": databases.service(database, db_sleep_ms)["name"],
        "expect": expected_identity(command),
    }


def _too_short(offered: Offered, db_sleep_ms: int | None) -> str | None:
    """Return why nothing could be measured within the duration; None if an iteration fits."""
    duration_s, shortest_s = offered.load.duration_s, offered.workload.shortest_s(db_sleep_ms)
    if duration_s >= shortest_s:
        return None
    return (
        f"duration is {duration_s:g}s, but at db_sleep {db_sleep_ms} an iteration of load "
        f"{offered.load.name} takes {shortest_s:g} s or more; allowed: {shortest_s:g}s or more, "
        f"or a lower db_sleep; type: -e duration={math.ceil(_ITERATIONS * shortest_s)}s"
    )


def _impatient(cell: Mapping[str, Any]) -> str | None:
    """Return why the cell's server would kill its workers in mid-call; None if it lets them wait."""
    own_s, db_sleep_ms = own_timeout_s(cell["command"]), cell["db_sleep_ms"]
    allowed = patience.silence_problem(own_s, db_sleep_ms)
    return allowed and (
        f"db_sleep is {db_sleep_ms}, but the command of cell {cell['cell']} has --timeout {own_s}: gunicorn "
        f"kills a sync worker that waits longer for the database; allowed: {allowed}"
    )


def _concurrency(cell: Mapping[str, Any]) -> Concurrency:
    return Concurrency(
        mode=cell["mode"],
        command=cell["command"],
        workers=cell["workers"],
        pool_max=cell["pool"]["max"] if cell["pool"] else None,
        vus=cell["load"]["vus"],
    )
