"""What a few trials of one cell tell about its mean: an interval, and how much they vary.

Trials are the unit: requests of one trial are not independent (Georges, Buytaert, Eeckhout: Statistically
Rigorous Java Performance Evaluation, OOPSLA 2007, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from statistics import fmean, stdev

from tripod.stats import student

# Of two trials that differ by everything an interval has no end: it ends at 6e17.
_MOST_LOG = 41.0


def ratio_of(log: float) -> float:
    """Return the ratio with this natural logarithm, as far as numbers go."""
    return exp(max(-_MOST_LOG, min(log, _MOST_LOG)))


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval, in the unit of what it is of."""

    low: float
    high: float

    def has(self, value: float) -> bool:
        """Whether the value lies in it, its ends included."""
        return self.low <= value <= self.high


def of_mean(values: Sequence[float]) -> Interval | None:
    """Return the interval of the mean by Student's t; None of fewer than two values."""
    if len(values) < 2:  # noqa: PLR2004 - one value has no deviation
        return None
    half = student.quantile(len(values) - 1) * stdev(values) / sqrt(len(values))
    mean = fmean(values)
    return Interval(mean - half, mean + half)


def coefficient_of_variation(values: Sequence[float]) -> float | None:
    """Return the standard deviation as a share of the mean; None of fewer than two values, or of 0."""
    if len(values) < 2 or not (mean := fmean(values)):  # noqa: PLR2004 - likewise
        return None
    return stdev(values) / abs(mean)
