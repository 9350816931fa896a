"""Which rate an app can promise: the search for it, over whatever tells how many requests a rate misses."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

Missed = Callable[[int], float]
"""Offers a rate in requests per second; returns the share of the scheduled requests that missed, 0 to 1."""


@dataclass(frozen=True)
class Terms:
    """What a capacity is; the values are those of tripod/catalogue/capacity.py.

    Attributes:
        most_missed: share of the scheduled requests that may miss.
        precision: the share by which the rate found may be below the lowest that was missed.
        most_probes: how many rates are tried.
        least_of_saturated: the lowest rate tried, as a share of the saturated one, or of `highest_rps` ...
        lowest_rps: ... and in requests per second: a probe at a lower one would take too long.
        highest_rps: the highest that the load can be asked for.
        steps_down: how often a rate that is not confirmed is lowered, each time by `precision`.

    """

    most_missed: float
    precision: float
    most_probes: int
    least_of_saturated: float
    lowest_rps: int
    highest_rps: int
    steps_down: int


def search(missed: Missed, saturated_rps: float, terms: Terms) -> int | None:
    """Return the highest rate found that keeps the service level; None if not even the lowest does.

    The range from the lowest rate to the saturated one is halved, in ratios, until it is as narrow as asked
    for. The saturated rate itself counts as missed: no app answers more, and there the queue never ends.
    Where the load cannot be asked for as much, the highest that it can be is tried first.
    """
    high, kept, probes = _highest(saturated_rps, terms), None, 0
    low = _lowest(high, terms)
    if low <= high < saturated_rps:
        probes += 1
        if missed(high) <= terms.most_missed:
            return high
    # One probe is left for the lowest rate, which is tried if all others were missed.
    while low < high - 1 and high > (1 + terms.precision) * low and probes < terms.most_probes - 1:
        rate = min(max(round(math.sqrt(low * high)), low + 1), high - 1)
        probes += 1
        if missed(rate) <= terms.most_missed:
            low = kept = rate
        else:
            high = rate
    if kept is None and low < high and missed(low) <= terms.most_missed:
        kept = low
    return kept


def confirm(missed: Missed, rate: int, terms: Terms) -> int | None:
    """Return the rate if it keeps the level for the full length, else the first lower one that does."""
    for _ in range(terms.steps_down + 1):
        if missed(rate) <= terms.most_missed:
            return rate
        rate = math.floor(rate * (1 - terms.precision))
        if rate < 1:
            break
    return None


def _lowest(highest: int, terms: Terms) -> int:
    return max(math.ceil(highest * terms.least_of_saturated), terms.lowest_rps, 1)


def _highest(saturated_rps: float, terms: Terms) -> int:
    return min(math.ceil(saturated_rps), terms.highest_rps)
