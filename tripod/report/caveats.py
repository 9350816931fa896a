"""What speaks against the hosts of a run, as far as it was seen before the first trial: a line for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def of_hosts(hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a line for each host that is not ready in every point, or of which that is not known.

    Args:
        hosts: name → host, as hosts.json has them.

    """
    told = {name: _caveat(host.get("readiness")) for name, host in hosts.items()}
    return [f"{name}: {caveat}" for name, caveat in told.items() if caveat]


def _caveat(points: Sequence[Mapping[str, Any]] | None) -> str:
    if points is None:
        return "readiness was not observed"
    found = {
        state: [point["what"] for point in points if point["state"] == state]
        for state in ("not ready", "not known")
    }
    return "; ".join(f"{state}: {', '.join(those)}" for state, those in found.items() if those)
