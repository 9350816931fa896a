"""The plan: the ordered list of a run's trials, made from a matrix, the user's parameters and the inventory.

Every bad parameter is refused here, before any host is touched.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tripod.catalogue import databases, lengths
from tripod.catalogue.formats import LIMITS, MB, VERSIONS
from tripod.catalogue.legs import LEGS
from tripod.hosts import database
from tripod.inputs import inventory, matrix, parameters
from tripod.inputs.errors import InputError, found
from tripod.inputs.matrix import Matrix
from tripod.planning import (
    cells,
    contrasts,
    fingerprint,
    left,
    offered,
    provenance,
    repeats,
    resume,
)
from tripod.runs.results import read_run

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """Everything that a plan is made from.

    Attributes:
        root: the checkout.
        now: the time of the run, UTC.
        extra_vars: what the user passed with `-e`.
        inventory: the inventory sources as given, for the record; paths of files, or lists of hosts.
        groups: group name → host names.
        host_vars: host name → its inventory variables.
        results: the directory that holds all runs.
        forks: how many processes Ansible may have at once.

    """

    root: Path
    now: datetime
    extra_vars: Mapping[str, object]
    inventory: list[str]
    groups: Mapping[str, list[str]]
    host_vars: Mapping[str, Mapping[str, object]]
    results: Path | None = None
    forks: int = 10


def make(request: Request) -> dict[str, Any]:
    """Make the plan.

    Raises:
        InputError: with every problem that could be found at once.

    """
    problems: list[str] = []

    def attempt(check: Callable[[], T]) -> T | None:
        try:
            return check()
        except InputError as error:
            problems.extend(error.problems)
            return None

    said = attempt(lambda: parameters.parse(request.extra_vars)) or {}
    before = attempt(lambda: _earlier(said, request))
    given = dict(before.given) if before else said
    chosen = attempt(lambda: _chosen(given, request))
    db_port = (chosen.database if chosen else databases.DEFAULT).port
    hosts = attempt(lambda: inventory.resolve(request.groups, request.host_vars, request.root, db_port))
    problems += _whole_team_problems(request, hosts or {})
    if chosen is not None and hosts is not None:
        db_host = request.groups["db"][0]
        problems += database.problems(chosen.database.kind, db_host, hosts[db_host])
    if problems or chosen is None or hosts is None:
        raise InputError(problems)
    plan = _assemble(request, given, hosts, chosen)
    plan |= _left(before, plan) if before else {"run_id": _new_run_id(said, plan, request)}
    if len(json.dumps(plan, indent=2)) > LIMITS["plan"]:
        raise InputError(
            f"repeats is {plan['parameters']['repeats']}, which makes {len(plan['trials'])} trials of "
            f"{len(plan['cells'])} cells; allowed: fewer of either, since plan.json has at most "
            f"{LIMITS['plan'] // MB} MB"
        )
    return plan


def _earlier(said: Mapping[str, Any], request: Request) -> resume.Earlier | None:
    """Return the run that is to be continued; None if a new one is to be made."""
    if request.results is None or not resume.is_asked(said):
        return None
    return resume.earlier(said, request.root, request.results)


def _left(before: resume.Earlier, plan: dict[str, Any]) -> dict[str, Any]:
    """Return what a continuation's plan says otherwise than that of a new run."""
    then = before.first
    resume.check(before, plan)
    whole = {
        **plan,
        "trials": _ordered_trials(plan["cells"], before.repeats, then["seed"]),
    }
    trials = left.trials(before.run, whole, None)
    if not trials:
        raise InputError(
            f"run_id is {found(then['run_id'])}, a run of which nothing is left to measure; allowed: "
            "-e add_repeats=N, which measures N more trials of every cell"
        )
    return {
        "run_id": then["run_id"],
        "continuation": len(before.run.stints),
        "parameters": {**then["parameters"], "repeats": before.repeats},
        "repeats": _all_repeats(before, plan),
        "seed": then["seed"],
        "given": dict(before.given),
        **with_trials(plan, trials),
    }


def _all_repeats(before: resume.Earlier, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often each cell of a run that is continued is measured in all."""
    counted = repeats.choose({"repeats": before.repeats}, before.repeats, plan["cells"], 0.0, 0.0)
    chosen = before.first["repeats"]
    return {**counted, "chosen_by": chosen["chosen_by"]} if chosen["count"] == before.repeats else counted


def settled(plan: Mapping[str, Any], run_dir: str, hosts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a continuation's plan as it stands once its hosts were observed.

    Args:
        plan: as `make` made it, before anybody looked at them.
        run_dir: the run's directory.
        hosts: hosts.json of the continuation.

    Raises:
        DamagedFileError: if plan.json of the run can no longer be used.

    """
    trials = left.trials(read_run(Path(run_dir)), plan, hosts)
    return {**plan, **with_trials(plan, trials)}


def with_trials(plan: Mapping[str, Any], trials: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the keys of a plan that follow from its trials, if these are they."""
    offered_s = {cell["cell"]: lengths.offered_s(cell["load"]) for cell in plan["cells"]}
    trials_s = sum(offered_s[trial["cell"]] + lengths.TRIAL_OVERHEAD_S for trial in trials)
    return {"trials": trials, "expected_seconds": round(lengths.SETUP_S + trials_s, 1)}


def _new_run_id(said: Mapping[str, Any], plan: Mapping[str, Any], request: Request) -> str:
    run_id = str(said.get("run_id", f"{request.now:%Y%m%dT%H%M%SZ}-{plan['matrix']['name']}"))
    if request.results is not None and (request.results / run_id).exists():
        raise InputError(
            f"run_id is {found(run_id)}; allowed: a name that results/ does not have yet, or -e resume=true "
            "beside it, which continues that run"
        )
    return run_id


def _whole_team_problems(request: Request, hosts: Mapping[str, Any]) -> list[str]:
    """Return what keeps a host out of a trial, in which the processes of all hosts go in step."""
    problems = []
    if len(hosts) > request.forks:
        problems.append(
            f"forks is {request.forks}; allowed: {len(hosts)} or more, one for each host of the run; "
            f"type: --forks {len(hosts)}"
        )
    return problems


def _chosen(given: Mapping[str, Any], request: Request) -> Matrix:
    """Return the matrix that the user named, once it fits the parameters that he gave."""
    chosen = matrix.load(matrix.find(given.get("matrix", "poc"), request.root), request.root)
    foreign = databases.foreign(chosen.database, given, "matrix_keys")
    if foreign:
        said = {**given, **request.extra_vars}
        raise InputError(
            f"{name} is {found(said[name])}, but the database of matrix {chosen.name} is "
            f"{chosen.database.kind}; allowed: leave {name} out, or choose a matrix with database: {kind}"
            for name, kind in foreign.items()
        )
    return chosen


def _assemble(
    request: Request, given: dict[str, Any], hosts: dict[str, Any], chosen: Matrix
) -> dict[str, Any]:
    resolved = _resolved_parameters(given, chosen)
    leg_hosts = {leg: [str(host) for host in request.groups[leg]] for leg in LEGS}
    loads = offered.offered(chosen, given, request.root, len(leg_hosts["load"]))
    max_connections = hosts[leg_hosts["db"][0]]["db_max_connections"]
    planned = cells.make(resolved, given, chosen, loads, max_connections)
    prefixes = {leg: hosts[leg_hosts[leg][0]]["service_prefix"] for leg in ("app", "db")}
    planned = cells.prefixed(planned, **prefixes)
    block_s = sum(lengths.offered_s(cell["load"]) + lengths.TRIAL_OVERHEAD_S for cell in planned)
    chosen_repeats = repeats.choose(given, resolved["repeats"], planned, block_s, lengths.SETUP_S)
    resolved["repeats"] = chosen_repeats["count"]
    trials = _ordered_trials(planned, resolved["repeats"], resolved["seed"])
    plan = {
        "format": VERSIONS["plan"],
        "run_id": "",
        "created_at": request.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "matrix": {"name": chosen.name, "path": _short(chosen.path, request.root), "content": chosen.content},
        "parameters": resolved,
        "given": {name: value for name, value in given.items() if name not in resume.OF_A_GO},
        "seed": resolved["seed"],
        "git": provenance.git_state(request.root),
        "tools": provenance.tool_versions(),
        "inventory": [
            _short(Path(source).expanduser().resolve(), request.root) for source in request.inventory
        ],
        "hosts": hosts,
        "legs": leg_hosts,
        "database": chosen.database.kind,
        "services": cells.services(planned),
        "cells": planned,
        "fingerprint": fingerprint.of(request.root),
        "repeats": chosen_repeats,
        "contrasts": contrasts.make(chosen.contrasts, planned),
    }
    return plan | with_trials(plan, trials)


def _resolved_parameters(given: dict[str, Any], chosen: Matrix) -> dict[str, Any]:
    """Return the run's parameters: what the user gave, else what the matrix says, else the default.

    What the user may say of every load is None where he does not: each cell's `load` has its own.
    """
    defaults: dict[str, Any] = {
        "matrix": chosen.name,
        "db_sleep": chosen.db_sleep_ms,
        "workers": None,
        "threads": None,
        "only": ["*"],
        "load": [chosen.loads[0].name],
        **dict.fromkeys(offered.REPLACING),
        "repeats": 1,
        "budget": None,
        "precision": None,
        "aa": False,
        "seed": secrets.randbelow(2**32),
        "tune": False,
        "telemetry": True,
    }
    said = {name: value for name, value in given.items() if name not in resume.OF_A_GO}
    return defaults | chosen.chooses | said


def _ordered_trials(planned: list[dict[str, Any]], repeats: int, seed: int) -> list[dict[str, Any]]:
    """Return the trials: `repeats` blocks, in each every cell once, in an order shuffled with `seed`.

    Randomised multiple interleaved trials: slow drifts of a machine hit all cells alike.
    """
    shuffler = random.Random(seed)  # noqa: S311 - an order that can be made again, no secret
    trials = []
    for repeat in range(1, repeats + 1):
        block = [cell["cell"] for cell in planned]
        shuffler.shuffle(block)
        trials += [{"trial": f"{cell}-r{repeat}", "cell": cell, "repeat": repeat} for cell in block]
    return trials


def _short(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
