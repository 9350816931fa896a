"""How far the hosts' wall clocks are apart, from what the legs asked each other on the way of the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def offsets(
    plan: Mapping[str, Any], reached: Mapping[str, list[dict[str, Any]]]
) -> dict[str, dict[str, float]]:
    """Return host → how far its clock is ahead of the first load host's (`offset_s`), with its `error_s`.

    The app host is asked by each load host, and asks the DB host itself: what is known of a host over another
    one may be wrong by as much as both. Hosts of which nobody knows are left out.

    Args:
        plan: the run's plan.
        reached: host name → the pairs that were measured from there.

    """
    load = plan["legs"]["load"][0]
    known = {load: {"offset_s": 0.0, "error_s": 0.0}}
    for calling in ("load", "app"):
        for host in plan["legs"][calling]:
            for pair in reached.get(host, []):
                if pair["from"] == calling and pair.get("clock"):
                    _learn(known, host, pair["to_host"], pair["clock"])
    return known


def _learn(known: dict[str, dict[str, float]], host: str, called: str, clock: Mapping[str, float]) -> None:
    """Take in how far the clock of the host that was called is ahead of the caller's, in either direction."""
    if called not in known and host in known:
        new, base, sign = called, host, 1
    elif host not in known and called in known:
        new, base, sign = host, called, -1
    else:
        return
    offset_s = known[base]["offset_s"] + sign * clock["offset_s"]
    known[new] = {"offset_s": offset_s, "error_s": known[base]["error_s"] + clock["error_s"]}
