"""hosts.json: what the hosts of a run are, and how far they truly stand apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.catalogue.formats import VERSIONS

ONE_HOST, SHARED_KERNEL, SEPARATE_KERNELS = "one-host", "shared-kernel", "separate-kernels"
_WORST_FIRST = (ONE_HOST, SHARED_KERNEL, SEPARATE_KERNELS)
# CLOCK_REALTIME - CLOCK_BOOTTIME of containers on one machine agreed within 4 us; clocks set apart from each
# other differ by far more than this.
_SAME_CLOCK_S = 0.001


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
    pairs = []
    for host, measured in reached.items():
        for pair in measured:
            apart = separation(observed[host], observed[pair["to_host"]])
            pairs.append({**pair, "from_host": host, "separation": apart})
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
        "separation": min((pair["separation"] for pair in pairs), key=_WORST_FIRST.index, default=ONE_HOST),
    }


def _has_server(plan: Mapping[str, Any], name: str) -> bool:
    return plan["database"] == "postgres" and name in plan["legs"]["db"]


def separation(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return how far two observed hosts stand apart; what cannot be measured counts as one host.

    Containers have boot ids of their own, so kernels are told apart by their clocks. Virtual machines of one
    hypervisor look like separate machines.
    """
    first, second = one["clock"], other["clock"]
    if first["offset_s"] is None or second["offset_s"] is None:
        return ONE_HOST
    same_kernel = (
        one["kernel"] == other["kernel"]
        and first["boot_time"] == second["boot_time"]
        and abs(first["offset_s"] - second["offset_s"]) < _SAME_CLOCK_S
    )
    if not same_kernel:
        return SEPARATE_KERNELS
    return ONE_HOST if first["network_namespace"] == second["network_namespace"] else SHARED_KERNEL
