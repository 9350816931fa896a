"""The shapes of a load, named as k6 names its executors: what each needs, and what is fixed by that.

`k6/lib/shapes.js` makes the scenarios of the same names. `capacity` is no executor: it takes several k6
processes of the other two (`tripod.catalogue.capacity`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# An open load has a user for each iteration that begins in this time, so that answers may take so long ...
_LEAST_S = 1.0
# ... or this many times as long as they should, before an iteration finds no user.
_PATIENT = 4

CLOSED = "constant-vus"
OPEN = "constant-arrival-rate"
CAPACITY = "capacity"


MISSED_ALLOWED = 0.01
"""Share of an open load's scheduled requests that may miss the service level, which is kept all the same."""


MOST_SLO_MS = 60_000
"""A service level above this is refused."""


@dataclass(frozen=True)
class Shape:
    """A shape.

    Attributes:
        model: `closed`: a user begins an iteration when his last one has ended; `open`: iterations begin by
            the clock, whatever the app does.
        needs: keys of a load that this shape has and the others have not.

    """

    model: str
    needs: tuple[str, ...]


SHAPES: dict[str, Shape] = {
    CLOSED: Shape("closed", ("vus",)),
    OPEN: Shape("open", ("rate", "slo_ms")),
    # Several k6 processes: a closed one with `vus` that saturates, then open ones.
    CAPACITY: Shape("open", ("vus", "slo_ms")),
}

OWN_KEYS = tuple(dict.fromkeys(key for shape in SHAPES.values() for key in shape.needs))
"""Keys that some shape has and others have not."""

_EARLIER: dict[str, Any] = {
    "shape": CLOSED,
    "model": SHAPES[CLOSED].model,
    "pause_s": None,
    "rate": None,
    "slo_ms": None,
    "route": None,
    "keepalive": True,
}


def complete(load: Mapping[str, Any]) -> dict[str, Any]:
    """Return a load of a plan with the keys that plans did not have before loads had names."""
    return {"name": load["script"], **_EARLIER, **load}


def users(rate: float, requests_per_iteration: int, slo_ms: float) -> int:
    """Return the virtual users of an open load, all of them allocated before it begins.

    Each iteration that begins while answers take as long as they may before all are missed has its user. k6
    drops an iteration for good that finds none, and one that is allocated in mid-run comes too late.
    """
    return math.ceil(rate * users_per_rps(requests_per_iteration, slo_ms))


def users_per_rps(requests_per_iteration: int, slo_ms: float) -> float:
    """Return the virtual users for each request per second of an open load."""
    return max(_LEAST_S, _PATIENT * slo_ms / 1000) / requests_per_iteration


def scheduled_requests(rate: float, requests_per_iteration: int, duration_s: float) -> int:
    """Return the requests whose iterations are due within `duration_s` of an open load; the first at once."""
    # rounded: 0.1 s at 30 a second are 3, not 3.0000000000000004
    iterations = math.ceil(round(duration_s * rate / requests_per_iteration, 6))
    return max(iterations, 1) * requests_per_iteration
