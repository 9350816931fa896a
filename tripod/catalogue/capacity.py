"""What the capacity of a cell is, and how it is looked for: the highest rate that keeps its service level."""

from __future__ import annotations

import math

from tripod.catalogue import shapes
from tripod.catalogue.k6 import MOST_VUS

PRECISION = 0.05
"""A rate so much higher than the capacity was missed; trials of one cell differ by as much."""

MOST_PROBES = 8

LEAST_REQUESTS = 1000
"""Requests of a probe: fewer than ten may miss, so that one more or less decides nothing."""

SHORTEST_PROBE_S = 2.0
LONGEST_PROBE_S = 60.0

LEAST_OF_SATURATED = 1 / 16
"""No rate below this share of what a stack can answer is tried."""

STEPS_DOWN = 3

SATURATED_S = 3.0
"""Length of the closed probe that tells how much the app answers at all."""

# A stack that answers a hundred requests a second, seven probes, one confirmation that fails in every other
# trial: serves the announced time only.
_TYPICAL_RPS, _TYPICAL_PROBES, _TYPICAL_FAILED = 100, 7, 0.5


def probing(requests_per_iteration: int, slo_ms: float) -> dict[str, float]:
    """Return what the load host must know to offer any rate (plugins/modules/tripod_k6.py)."""
    return {
        "requests_per_iteration": requests_per_iteration,
        "users_per_rps": shapes.users_per_rps(requests_per_iteration, slo_ms),
        "least_requests": LEAST_REQUESTS,
        "shortest_s": SHORTEST_PROBE_S,
    }


def terms(requests_per_iteration: int, slo_ms: float) -> dict[str, float]:
    """Return what the load host's search is told (plugins/module_utils/tripod/capacity.py: `Terms`)."""
    return {
        "most_missed": shapes.MISSED_ALLOWED,
        "precision": PRECISION,
        "most_probes": MOST_PROBES,
        "least_of_saturated": LEAST_OF_SATURATED,
        "lowest_rps": math.ceil(LEAST_REQUESTS / LONGEST_PROBE_S),
        "highest_rps": math.floor(MOST_VUS / shapes.users_per_rps(requests_per_iteration, slo_ms)),
        "steps_down": STEPS_DOWN,
    }


def expected_s(duration_s: float) -> float:
    """Return about how many seconds a search takes beside the trial that confirms it, drains left out."""
    probe_s = max(LEAST_REQUESTS / _TYPICAL_RPS, SHORTEST_PROBE_S)
    return SATURATED_S + _TYPICAL_PROBES * probe_s + _TYPICAL_FAILED * duration_s
