"""The cells of a plan: every stack of the matrix, at every size and database setting that the run crosses."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from typing import Any

from tripod.catalogue import databases
from tripod.catalogue.servers import expected_identity
from tripod.catalogue.workloads import Workload
from tripod.inputs.errors import InputError, found
from tripod.inputs.matrix import Matrix
from tripod.inputs.stacks import Size, Stack
from tripod.planning.ledger import Concurrency, Ledger, ledger


def make(
    resolved: Mapping[str, Any], chosen: Matrix, workload: Workload, max_connections: int, *, own_vus: bool
) -> list[dict[str, Any]]:
    """Return the cells in the order of the matrix, as they stand in plan.json.

    Args:
        resolved: every parameter of the run.
        chosen: its matrix.
        workload: the facts of its k6 script.
        max_connections: the limit of a database that counts connections.
        own_vus: whether a stack's own number of users holds; not if the user has said how many.

    Raises:
        InputError: if nothing is left to measure, or if cells cannot get their connections.

    """
    cells = []
    problems = []
    for db_sleep_ms in resolved["db_sleep"] or [None]:
        for stack, size in _sized(_stacks(resolved, chosen), resolved):
            vus = (own_vus and stack.vus.get(chosen.load["script"])) or resolved["vus"]
            cell = _cell(stack, size, chosen.database.kind, db_sleep_ms) | {
                "queries_per_request": workload.db_queries_per_request,
                "views_per_request": workload.db_views_per_request,
                "load": {
                    "script": chosen.load["script"],
                    "vus": vus,
                    "duration_s": resolved["duration"],
                    "warmup_s": resolved["warmup"],
                },
                "ceiling_rps": workload.ceiling_rps(vus, db_sleep_ms),
            }
            if chosen.database.counts_connections:
                kept = _ledger(cell, max_connections)
                cell["ledger"] = kept.figures()
                problems.append(kept.problem(cell["cell"]))
            cells.append(cell)
    if refused := [problem for problem in problems if problem]:
        raise InputError(refused)
    return cells


def services(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the services that deploy defines: one for each database setting and stack instance."""
    known: dict[str, dict[str, Any]] = {}
    for cell in cells:
        known[cell["db_service"]] = databases.service(cell["database"], cell["db_sleep_ms"])
        known[cell["service"]] = {
            "name": cell["service"],
            "leg": "app",
            "role": "webapp",
            "command": cell["command"],
            "pool": cell["pool"],
        }
    return sorted(known.values(), key=lambda service: (service["leg"], service["name"]))


def _stacks(resolved: Mapping[str, Any], chosen: Matrix) -> list[Stack]:
    stacks = [stack for stack in chosen.stacks if fnmatch.fnmatchcase(stack.name, resolved["only"])]
    if not stacks:
        names = ", ".join(stack.name for stack in chosen.stacks)
        raise InputError(
            f"only is {found(resolved['only'])}, which no stack matches; allowed: a glob over {names}"
        )
    if resolved["threads"] and not any(stack.threads for stack in stacks):
        raise InputError(
            f"threads is {found(resolved['threads'])}, but no chosen stack's command has {{threads}}; "
            "allowed: leave it out, or choose stacks that take threads"
        )
    return stacks


def _sized(stacks: list[Stack], resolved: Mapping[str, Any]) -> Iterator[tuple[Stack, Size]]:
    for stack in stacks:
        for size in stack.crossed(resolved["workers"], resolved["threads"]):
            yield stack, size


def _cell(stack: Stack, size: Size, database: str, db_sleep_ms: int | None) -> dict[str, Any]:
    workers, threads = size
    name = f"{stack.name}-w{workers}" + (f"-t{threads}" if threads else "")
    command = stack.command.format(workers=workers, threads=threads)
    return {
        "cell": f"{name}{databases.suffix(db_sleep_ms)}",
        "stack": stack.name,
        "mode": stack.mode,
        "command": command,
        "workers": workers,
        "threads": threads,
        "pool": stack.pool,
        "ledger": None,
        "database": database,
        "db_sleep_ms": db_sleep_ms,
        "service": f"tripod-{name}",
        "db_service": databases.service(database, db_sleep_ms)["name"],
        "expect": expected_identity(command),
    }


def _ledger(cell: Mapping[str, Any], max_connections: int) -> Ledger:
    concurrency = Concurrency(
        mode=cell["mode"],
        command=cell["command"],
        workers=cell["workers"],
        threads=cell["threads"],
        pool_max=cell["pool"]["max"] if cell["pool"] else None,
        vus=cell["load"]["vus"],
    )
    return ledger(concurrency, max_connections)
