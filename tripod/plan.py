"""The plan: the ordered list of a run's trials, made from a matrix, the user's parameters and the inventory.

Every bad parameter is refused here, before any host is touched.
"""

from __future__ import annotations

import fnmatch
import itertools
import random
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tripod import legs, matrix, parameters, provenance
from tripod.errors import InputError, found
from tripod.matrix import Matrix, Stack
from tripod.servers import expected_identity
from tripod.workloads import Workload, read_workload

FORMAT = 1
# What a trial costs beside its warm-up and measurement, and what provision and deploy cost together on hosts
# that are set up already: seconds, as seen on a 2-core machine; they serve the announced time only.
_TRIAL_OVERHEAD_S = 4.5
_SETUP_S = 60.0


@dataclass(frozen=True)
class Request:
    """Everything that a plan is made from.

    Attributes:
        root: the checkout.
        now: the time of the run, UTC.
        extra_vars: what the user passed with `-e`.
        inventory: the inventory sources as given, for the record.
        groups: group name → host names.
        host_vars: host name → its inventory variables.
        declared: names other than parameters that `-e` may set.
        results: the directory that holds all runs.

    """

    root: Path
    now: datetime
    extra_vars: Mapping[str, object]
    inventory: list[str]
    groups: Mapping[str, list[str]]
    host_vars: Mapping[str, Mapping[str, object]]
    declared: frozenset[str] = field(default_factory=frozenset)
    results: Path | None = None


def make(request: Request) -> dict[str, Any]:
    """Make the plan.

    Raises:
        InputError: with every problem that could be found at once.

    """
    problems: list[str] = []
    given: dict[str, Any] = {}
    hosts: dict[str, Any] = {}

    def check_names() -> None:
        parameters.check_names(request.extra_vars, request.declared)

    def check_values() -> None:
        given.update(parameters.parse(request.extra_vars))

    def check_hosts() -> None:
        hosts.update(legs.resolve(request.groups, request.host_vars, request.root))

    for check in (check_names, check_values, check_hosts):
        try:
            check()
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    chosen = matrix.load(matrix.find(given.get("matrix", "poc"), request.root), request.root)
    return _assemble(request, given, hosts, chosen)


def _assemble(
    request: Request, given: dict[str, Any], hosts: dict[str, Any], chosen: Matrix
) -> dict[str, Any]:
    run_id = given.get("run_id", f"{request.now:%Y%m%dT%H%M%SZ}-{chosen.name}")
    if request.results is not None and (request.results / run_id).exists():
        raise InputError(f"run_id is {found(run_id)}; allowed: a name that results/ does not have yet")
    resolved = _resolved_parameters(given, chosen)
    cells = list(_cells(resolved, chosen, read_workload(chosen.load["script"], request.root)))
    trials = _ordered_trials(cells, resolved["repeats"], resolved["seed"])
    per_trial_s = resolved["warmup"] + resolved["duration"] + _TRIAL_OVERHEAD_S
    return {
        "format": FORMAT,
        "run_id": run_id,
        "created_at": request.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "matrix": {"name": chosen.name, "path": _short(chosen.path, request.root), "content": chosen.content},
        "parameters": resolved,
        "seed": resolved["seed"],
        "git": provenance.git_state(request.root),
        "tools": provenance.tool_versions(),
        "inventory": request.inventory,
        "hosts": hosts,
        "legs": {leg: request.groups[leg][0] for leg in legs.LEGS},
        "services": _services(cells),
        "cells": cells,
        "trials": trials,
        "expected_seconds": round(_SETUP_S + len(trials) * per_trial_s, 1),
    }


def _resolved_parameters(given: dict[str, Any], chosen: Matrix) -> dict[str, Any]:
    """Return the run's parameters: what the user gave, else what the matrix says, else the default."""
    defaults: dict[str, Any] = {
        "matrix": chosen.name,
        "db_sleep": chosen.db_sleep_ms,
        "workers": None,
        "threads": None,
        "only": "*",
        "vus": chosen.load["vus"],
        "duration": chosen.load["duration"],
        "warmup": chosen.load["warmup"],
        "repeats": 1,
        "seed": secrets.randbelow(2**32),
    }
    return defaults | {name: value for name, value in given.items() if name != "run_id"}


def _cells(resolved: dict[str, Any], chosen: Matrix, workload: Workload) -> Iterator[dict[str, Any]]:
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
    load = {
        "script": chosen.load["script"],
        "vus": resolved["vus"],
        "duration_s": resolved["duration"],
        "warmup_s": resolved["warmup"],
    }
    for db_sleep_ms in resolved["db_sleep"]:
        for stack in stacks:
            for workers, threads in _crossed(stack, resolved):
                service = f"tripod-{stack.name}-w{workers}" + (f"-t{threads}" if threads else "")
                command = stack.command.format(workers=workers, threads=threads)
                yield {
                    "cell": f"{service.removeprefix('tripod-')}-db{db_sleep_ms}",
                    "stack": stack.name,
                    "mode": stack.mode,
                    "command": command,
                    "workers": workers,
                    "threads": threads,
                    "database": chosen.database,
                    "db_sleep_ms": db_sleep_ms,
                    "load": load,
                    "ceiling_rps": workload.ceiling_rps(load["vus"], db_sleep_ms),
                    "service": service,
                    "db_service": f"tripod-{chosen.database}-db{db_sleep_ms}",
                    "expect": expected_identity(command),
                }


def _crossed(stack: Stack, resolved: dict[str, Any]) -> Iterator[tuple[int, int | None]]:
    threads: list[int] | list[None] = [None]
    if stack.threads:
        threads = resolved["threads"] or stack.threads
    return itertools.product(resolved["workers"] or stack.workers, threads)


def _services(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the services that deploy defines: one for each database setting and stack instance."""
    services: dict[str, dict[str, Any]] = {}
    for cell in cells:
        services[cell["db_service"]] = {
            "name": cell["db_service"],
            "leg": "db",
            "role": cell["database"],
            "db_sleep_ms": cell["db_sleep_ms"],
        }
        services[cell["service"]] = {
            "name": cell["service"],
            "leg": "app",
            "role": "webapp",
            "command": cell["command"],
        }
    return sorted(services.values(), key=lambda service: (service["leg"], service["name"]))


def _ordered_trials(cells: list[dict[str, Any]], repeats: int, seed: int) -> list[dict[str, Any]]:
    """Return the trials: `repeats` blocks, in each every cell once, in an order shuffled with `seed`.

    Randomised multiple interleaved trials: slow drifts of a machine hit all cells alike.
    """
    shuffler = random.Random(seed)  # noqa: S311 - an order that can be made again, no secret
    trials = []
    for repeat in range(1, repeats + 1):
        block = [cell["cell"] for cell in cells]
        shuffler.shuffle(block)
        trials += [{"trial": f"{cell}-r{repeat}", "cell": cell, "repeat": repeat} for cell in block]
    return trials


def _short(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
