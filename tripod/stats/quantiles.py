"""Latency distributions from k6's quantile grids, and their merge.

k6 gives quantiles, not samples. A dense grid is a piecewise-linear approximation of the distribution. Those
of several trials (or load hosts) are merged as a mixture, weighted by count. Percentiles are never averaged.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

_QUANTILE = re.compile(r"p\(([0-9]+(?:\.[0-9]+)?)\)")
# The declaration of k6.json names a few quantiles only, and this holds for the others what it says of those.
_MOST = 10**18

# A percentile is printed only if so many values lie beyond it: with fewer it is chance.
FEWEST_BEYOND = 10

# The percentiles of a table, as shares of the values.
PERCENTILES = {"med": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
# In windows shorter than this none above the p95 is printed, however many values there are: a pause of 50 ms
# is 1 % of 5 s, so that one pause of the host sets the p99.
SHORTEST_FOR_TAIL_S = 5
_TAIL = 0.95


@dataclass(frozen=True)
class Distribution:
    """A distribution of times.

    Attributes:
        count: values that it stands for; may be a relative weight.
        avg: their mean, ms.
        points: (share 0…1, value in ms), both ascending, from the minimum (share 0) to the maximum (share 1).

    """

    count: float
    avg: float
    points: tuple[tuple[float, float], ...]

    @property
    def least(self) -> float:
        """The minimum, ms."""
        return self.points[0][1]

    @property
    def greatest(self) -> float:
        """The maximum, ms."""
        return self.points[-1][1]

    def quantile(self, share: float) -> float:
        """Return the value, ms, below which `share` (0…1) of the values lie; linear between grid points."""
        position = bisect_left(self.points, share, key=lambda point: point[0])
        if position == 0:
            return self.least
        (low_share, low), (high_share, high) = self.points[position - 1], self.points[position]
        if high_share == share:
            return high
        return low + (high - low) * (share - low_share) / (high_share - low_share)


def percentile(distribution: Distribution, share: float) -> float | None:
    """Return the value, ms, below which `share` of the values lie; None if fewer than ten lie beyond it."""
    # rounded: (1 - 0.99) * 1000 would be a little less than ten
    beyond = round((1 - share) * distribution.count, 6)
    return distribution.quantile(share) if beyond >= FEWEST_BEYOND else None


def shown(window_s: float) -> dict[str, float]:
    """Return those of `PERCENTILES` that trials of this length tell, if values enough lie beyond them."""
    return {
        name: share
        for name, share in PERCENTILES.items()
        if share <= _TAIL or window_s >= SHORTEST_FOR_TAIL_S
    }


def from_k6(values: Mapping[str, float]) -> Distribution:
    """Return the distribution of a k6 trend: `count`, `avg`, `min`, `max`, `p(0.1)` … `p(99.99)`.

    Raises:
        ValueError: if a quantile is no number, or of a share that there is not.

    """
    shares = {0.0: values["min"], 1.0: values["max"]}
    for key, value in values.items():
        match = _QUANTILE.fullmatch(key)
        if match:
            # rounded: 99.9 / 100 must be found again as 0.999
            share = round(float(match[1]) / 100, 9)
            if type(value) not in {int, float} or abs(value) > _MOST or share > 1:
                raise ValueError(f"'{key}' is no quantile of the trend")
            shares[share] = value
    ordered = sorted(shares)
    # k6 interpolates in floating point, so that equal values can come out descending in the last digit
    ascending = accumulate((shares[share] for share in ordered), max)
    return Distribution(values["count"], values["avg"], tuple(zip(ordered, ascending, strict=True)))


def merge(parts: Sequence[Distribution]) -> Distribution | None:
    """Return the mixture of the parts, weighted by count; None without any value.

    The mixture's cumulative distribution is the weighted sum of theirs, exact for the piecewise-linear grids
    that go in; its own grid has a point wherever one of theirs has.
    """
    parts = [part for part in parts if part.count > 0]
    if len(parts) <= 1:
        return parts[0] if parts else None
    count = sum(part.count for part in parts)
    curve: list[tuple[float, float]] = []
    shares_below = [_Cumulative(part) for part in parts]
    for value in sorted({value for part in parts for _, value in part.points}):
        below = sum(part.count * cdf.below(value) for part, cdf in zip(parts, shares_below, strict=True))
        up_to = sum(part.count * cdf.up_to(value) for part, cdf in zip(parts, shares_below, strict=True))
        curve += [(below / count, value), (up_to / count, value)]
    points = [curve[0], *(after for before, after in pairwise(curve) if after != before)]
    points[0], points[-1] = (0.0, points[0][1]), (1.0, points[-1][1])
    return Distribution(
        count=count, avg=sum(part.count * part.avg for part in parts) / count, points=tuple(points)
    )


class _Cumulative:
    """The cumulative distribution of a grid: shares as a function of the value, with its jumps."""

    def __init__(self, distribution: Distribution) -> None:
        self._shares = [share for share, _ in distribution.points]
        self._values = [value for _, value in distribution.points]

    def below(self, value: float) -> float:
        """Return the share of values < `value`."""
        position = bisect_left(self._values, value)
        if position == len(self._values):
            return 1.0
        if self._values[position] == value:
            return self._shares[position]
        return self._between(position, value)

    def up_to(self, value: float) -> float:
        """Return the share of values ≤ `value`."""
        position = bisect_right(self._values, value)
        if position == len(self._values):
            return 1.0
        if position and self._values[position - 1] == value:
            return self._shares[position - 1]
        return self._between(position, value)

    def _between(self, position: int, value: float) -> float:
        if position == 0:
            return 0.0
        low, high = self._values[position - 1], self._values[position]
        share = self._shares[position - 1]
        return share + (self._shares[position] - share) * (value - low) / (high - low)
