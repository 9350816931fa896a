"""Whether a load can be shared by the load hosts of a run: each has a user, and something to begin."""

from __future__ import annotations

import math

from tripod.catalogue import shapes
from tripod.inputs.loads import Load
from tripod.planning.offered import Offered


def problem(offered: Offered, vus: int) -> str | None:
    """Return why its load hosts cannot share a load; None if they can, and for one host.

    Args:
        offered: the load.
        vus: its virtual users; of an open load they follow from its rate.

    """
    load, load_hosts = offered.load, offered.hosts
    if load_hosts == 1:
        return None
    if load.shape == shapes.CAPACITY:
        return (
            f"load is {load.name!r}, which looks for a capacity, rate after rate, as one k6 finds it; the "
            f"inventory has {load_hosts} hosts in the group load; allowed: one host there, or a load of "
            "another shape"
        )
    if load.rate is None:
        return _too_few_users(load, vus, load_hosts) if vus < load_hosts else None
    least = _least_rate(offered, load, load_hosts)
    return None if load.rate >= least else _too_low_a_rate(load, least, load_hosts)


def _too_few_users(load: Load, vus: int, load_hosts: int) -> str:
    return (
        f"vus is {vus} in load {load.name}, which the {load_hosts} hosts of the group load share; allowed: "
        f"{load_hosts} or more, one for each, or fewer hosts; type: -e vus={load_hosts}"
    )


def _too_low_a_rate(load: Load, least: int, load_hosts: int) -> str:
    return (
        f"rate is {load.rate} in load {load.name}, which the {load_hosts} hosts of the group load share; "
        f"allowed: {least} or more, so that each has a user, and an iteration to begin within "
        f"{load.duration_s:g} s, or fewer hosts; type: -e rate={least}"
    )


def _least_rate(offered: Offered, load: Load, load_hosts: int) -> int:
    """Return the lowest rate at which each host has a user and an iteration, in requests per second."""
    per_iteration = offered.workload.requests_per_iteration
    others = load_hosts - 1  # each has its own, if there is one more than these need
    by_users = others / shapes.users_per_rps(per_iteration, load.slo_ms or 0)
    by_iterations = others * per_iteration / load.duration_s
    return math.floor(round(max(by_users, by_iterations), 6)) + 1
