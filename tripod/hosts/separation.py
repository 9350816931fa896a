"""hosts.json: what the hosts of a run are, and how far they truly stand apart."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from tripod.catalogue.formats import VERSIONS
from tripod.catalogue.legs import LEGS

ONE_HOST, SHARED_KERNEL, SEPARATE_KERNELS = "one-host", "shared-kernel", "separate-kernels"
_WORST_FIRST = (ONE_HOST, SHARED_KERNEL, SEPARATE_KERNELS)
# CLOCK_REALTIME - CLOCK_BOOTTIME is when a kernel started, as its wall clock has it. Containers on one
# machine agreed within 4 us, and only a step of the clock between two looks moves it. Kernels that start
# within this of each other are taken for one: a claim too little, never one too much.
_SAME_CLOCK_S = 0.01


def document(
    plan: Mapping[str, Any],
    observed: Mapping[str, Mapping[str, Any]],
    reached: Mapping[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    """Return the content of hosts.json.

    Args:
        plan: the run's plan.
        observed: host name → what it is, as `tripod.hosts.observed` describes it.
        reached: host name → the pairs that were measured from there.

    """
    pairs = [{**pair, "from_host": host} for host, measured in reached.items() for pair in measured]
    separations = [
        {"legs": legs, "hosts": [one, other], "separation": separation(observed[one], observed[other])}
        for legs in map(list, itertools.combinations(LEGS, 2))
        for one, other in itertools.product(*(plan["legs"][leg] for leg in legs))
    ]
    hosts = {
        # What deploy noted of a database server may be older than the run: it holds for a run on that server.
        name: {"legs": plan["hosts"][name]["legs"], **seen}
        | ({} if _has_server(plan, name) else {"database": None})
        for name, seen in observed.items()
    }
    return {
        "format": VERSIONS["hosts"],
        "hosts": hosts,
        "pairs": pairs,
        "separations": separations,
        "separation": min((found["separation"] for found in separations), key=_WORST_FIRST.index),
    }


def _has_server(plan: Mapping[str, Any], name: str) -> bool:
    return plan["database"] == "postgres" and name in plan["legs"]["db"]


def separation(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return how far two observed hosts stand apart; what is not proved counts as shared.

    Only different clocks prove different kernels. Containers have boot ids of their own, and may be given
    other names of the kernel and other boot times in /proc. Virtual machines of one hypervisor look like
    separate machines.
    """
    first, second = one["clock"], other["clock"]
    if first["offset_s"] is None or second["offset_s"] is None:
        return ONE_HOST
    doubt_s = _SAME_CLOCK_S + first["window_s"] + second["window_s"]
    same_boot = first["boot_id"] is not None and first["boot_id"] == second["boot_id"]
    if abs(first["offset_s"] - second["offset_s"]) > doubt_s and not same_boot:
        return SEPARATE_KERNELS
    return ONE_HOST if first["network_namespace"] == second["network_namespace"] else SHARED_KERNEL
