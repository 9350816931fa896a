"""How far the hosts' wall clocks are apart, from what the legs asked each other on the way of the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def offsets(
    plan: Mapping[str, Any], reached: Mapping[str, list[dict[str, Any]]]
) -> dict[str, dict[str, float]]:
    """Return host → how far its clock is ahead of the first load host's (`offset_s`), with its `error_s`.

    The DB host is asked by the app host, not by the load host: errors add up on the way. Hosts that nobody
    asked are left out.

    Args:
        plan: the run's plan.
        reached: host name → the pairs that were measured from there.

    """
    load = plan["legs"]["load"][0]
    known = {load: {"offset_s": 0.0, "error_s": 0.0}}
    for calling in ("load", "app"):
        for host in plan["legs"][calling]:
            for pair in reached.get(host, []):
                clock, base = pair.get("clock"), known.get(host)
                if pair["from"] == calling and clock and base and pair["to_host"] not in known:
                    known[pair["to_host"]] = {key: base[key] + clock[key] for key in ("offset_s", "error_s")}
    return known
