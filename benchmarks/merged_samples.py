"""Samples as several load hosts see them, and how far percentiles of merged grids are from the truth."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tripod.stats.quantiles import Distribution, from_k6, merge

SHARES = (0.5, 0.95, 0.99, 0.999)
# As k6/lib/summary.js asks for: p(0.1), p(0.2) … p(99.9), p(99.91) … p(99.99).
GRID = [
    *(tenths / 10 for tenths in range(1, 1000)),
    *(hundredths / 100 for hundredths in range(9991, 10_000)),
]

Hosts = list[list[float]]
"""What each load host measured, in ms."""


def _skewed(chance: random.Random) -> Hosts:
    """Two hosts alike, whose answers have a long tail (log-normal, sigma 1)."""
    return [[chance.lognormvariate(3.0, 1.0) for _ in range(20_000)] for _ in range(2)]


def _heavy(chance: random.Random) -> Hosts:
    """Two hosts alike, whose answers have a tail that falls as a power (Pareto, alpha 2)."""
    return [[5.0 * chance.paretovariate(2.0) for _ in range(20_000)] for _ in range(2)]


def _bimodal(chance: random.Random) -> Hosts:
    """Two hosts alike: 97 of 100 answers take about 5 ms, the rest about 200 ms."""
    return [
        [
            chance.gauss(5.0, 0.5) if chance.random() < 0.97 else chance.gauss(200.0, 20.0)
            for _ in range(20_000)
        ]
        for _ in range(2)
    ]


def _trimodal_unlike(chance: random.Random) -> Hosts:
    """Three hosts, one of which is far away, one of which has few requests and slow ones among them."""
    near = [chance.gauss(10.0, 1.0) for _ in range(30_000)]
    far = [chance.gauss(60.0, 3.0) for _ in range(10_000)]
    few = [chance.choice([chance.gauss(10.0, 1.0), chance.gauss(400.0, 40.0)]) for _ in range(500)]
    return [near, far, few]


def _stalled(chance: random.Random) -> Hosts:
    """Two hosts, of which one alone saw the app stall: 2 of 100 of its answers took a second or two."""
    calm = [chance.lognormvariate(2.0, 0.3) for _ in range(20_000)]
    stalled = [
        chance.uniform(1000.0, 2000.0) if chance.random() < 0.02 else chance.lognormvariate(2.0, 0.3)
        for _ in range(20_000)
    ]
    return [calm, stalled]


INPUTS: dict[str, Callable[[random.Random], Hosts]] = {
    "skewed": _skewed,
    "heavy tail": _heavy,
    "two modes": _bimodal,
    "three modes, unlike hosts": _trimodal_unlike,
    "one host saw a stall": _stalled,
}


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of ordered samples as k6 does (metrics/sink.go, TrendSink.P)."""
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def grid_of(samples: Sequence[float]) -> Distribution:
    """Return what is known of samples once k6 has summed them up."""
    ordered = sorted(samples)
    values = {f"p({percent:g})": quantile(ordered, percent / 100) for percent in GRID}
    told = {"count": len(ordered), "avg": sum(ordered) / len(ordered), "min": ordered[0], "max": ordered[-1]}
    return from_k6(values | told)


@dataclass(frozen=True)
class Error:
    """How far a percentile of merged grids is off that of all samples in one.

    Attributes:
        value: as a share of the true one; without a bound where it lies in a gap between two modes.
        rank: as a share of the samples: so many lie between the share asked for and the one that was found.

    """

    value: float
    rank: float


def errors_of(hosts: Hosts, shares: Sequence[float] = SHARES) -> list[Error]:
    """Return the error of each percentile."""
    pooled = sorted(value for samples in hosts for value in samples)
    merged = merge([grid_of(samples) for samples in hosts])
    assert merged is not None  # noqa: S101 - there are samples
    found = []
    for share in shares:
        value, truth = merged.quantile(share), quantile(pooled, share)
        # two samples next to each other have ranks a step apart, and all between them is of both
        low = (bisect_left(pooled, value) - 1) / (len(pooled) - 1)
        high = bisect_right(pooled, value) / (len(pooled) - 1)
        found.append(Error(abs(value - truth) / truth, max(low - share, share - high, 0.0)))
    return found
