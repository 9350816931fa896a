"""Latency distributions from k6's quantile grids, and their merge.

k6 gives quantiles, not samples. A dense grid is a piecewise-linear approximation of the distribution. Those
of several trials (or load hosts) are merged as a mixture, weighted by count. Percentiles are never averaged.
"""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from tripod.stats.grid import Grid, Point

_QUANTILE = re.compile(r"p\(([0-9]+(?:\.[0-9]+)?)\)")
# The declaration of k6.json names a few quantiles only, and this holds for the others what it says of those.
_MOST = 10**18
_NUMBERS = {int, float}
# So often a quantile of a mixture is guessed, before the points that are left are looked at.
_GUESSES = 6

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
    points: Grid

    def __post_init__(self) -> None:
        """Keep the points as a grid."""
        object.__setattr__(self, "points", Grid.of(self.points))

    @property
    def least(self) -> float:
        """The minimum, ms."""
        return self.points.values[0]

    @property
    def greatest(self) -> float:
        """The maximum, ms."""
        return self.points.values[-1]

    def quantile(self, share: float) -> float:
        """Return the value, ms, below which `share` (0…1) of the values lie; linear between grid points."""
        position = bisect_left(self.points.shares, share)
        if position == 0:
            return self.least
        return _between(share, self.points[position - 1], self.points[position])

    def share_below(self, value: float) -> float:
        """Return the share (0…1) of the values that are smaller than this one, ms."""
        return _Cumulative(self.points).below(value)


def percentile(distribution: Distribution, share: float) -> float | None:
    """Return the value, ms, below which `share` of the values lie; None if fewer than ten lie beyond it."""
    # rounded: (1 - 0.99) * 1000 would be a little less than ten
    beyond = round((1 - share) * distribution.count, 6)
    return distribution.quantile(share) if beyond >= FEWEST_BEYOND else None


def is_told(share: float, window_s: float) -> bool:
    """Whether trials of this length tell a percentile, if values enough lie beyond it."""
    return share <= _TAIL or window_s >= SHORTEST_FOR_TAIL_S


def shown(window_s: float) -> dict[str, float]:
    """Return those of `PERCENTILES` that trials of this length tell, if values enough lie beyond them."""
    return {name: share for name, share in PERCENTILES.items() if is_told(share, window_s)}


def from_k6(values: Mapping[str, float]) -> Distribution:
    """Return the distribution of a k6 trend: `count`, `avg`, `min`, `max`, `p(0.1)` … `p(99.99)`.

    Raises:
        ValueError: if a quantile is no number, or of a share that there is not.

    """
    keys, shares = _in_order(frozenset(values))
    found = [values[key] for key in keys]
    if not set(map(type, found)) <= _NUMBERS or max(map(abs, found)) > _MOST:
        wrong = next(key for key in keys if type(values[key]) not in _NUMBERS or abs(values[key]) > _MOST)
        raise ValueError(f"'{wrong}' is no quantile of the trend")
    if found != sorted(found):
        # k6 interpolates in floating point, so that equal values can come out descending in the last digit
        found = list(accumulate(found, max))
    return Distribution(float(values["count"]), float(values["avg"]), Grid(shares, array("d", found)))


@lru_cache(maxsize=8)  # one k6 gives the same quantiles of every trend
def _in_order(names: frozenset[str]) -> tuple[list[str], array[float]]:
    """Return the names of the quantiles among these, ascending, and their shares; of equal ones the last."""
    keys = {0.0: "min", 1.0: "max"}
    for name in sorted(names):
        match = _QUANTILE.fullmatch(name)
        if match:
            # rounded: 99.9 / 100 must be found again as 0.999
            share = round(float(match[1]) / 100, 9)
            if share > 1:
                raise ValueError(f"'{name}' is no quantile of the trend")
            keys[share] = name
    ordered = sorted(keys)
    return [keys[share] for share in ordered], array("d", ordered)


def merge(parts: Iterable[Distribution]) -> Distribution | None:
    """Return the mixture of the parts, weighted by count; None without any value.

    The mixture's cumulative distribution is the weighted sum of theirs, exact for the piecewise-linear grids
    that go in; its own grid has a point wherever one of theirs has.
    """
    parts = [part for part in parts if part.count > 0]
    if len(parts) <= 1:
        return parts[0] if parts else None
    return Mixture(parts)


class Mixture(Distribution):
    """Several distributions as one. A quantile looks at the points around it; all are made when asked for."""

    _parts: Sequence[tuple[float, _Cumulative]]
    _known: dict[float, float]

    def __init__(self, parts: Sequence[Distribution]) -> None:
        """Mix the parts, of which each has a value."""
        count = sum(part.count for part in parts)
        object.__setattr__(self, "count", count)
        object.__setattr__(self, "avg", sum(part.count * part.avg for part in parts) / count)
        object.__setattr__(self, "_parts", [(part.count, _Cumulative(part.points)) for part in parts])
        object.__setattr__(self, "_known", {})

    @property
    def least(self) -> float:
        """The minimum, ms."""
        return min(part.values[0] for _, part in self._parts)

    @property
    def greatest(self) -> float:
        """The maximum, ms."""
        return max(part.values[-1] for _, part in self._parts)

    def quantile(self, share: float) -> float:
        """Return the value, ms, below which `share` (0…1) of the values lie: that of the whole grid."""
        if share <= 0 or self._up_to(self.least) >= share:
            return self.least
        if self._up_to(self.greatest) < share:  # in the last digit of a share of 1
            return self.greatest
        low, high = self._narrowed(share, *self._around(share))
        near = self._grid_between(low, high)
        at = bisect_left(near, share, key=self._up_to)
        value = near[at]
        below = self._below(value)
        if below < share:
            return value
        before = near[at - 1] if at else max(part.last_at_most(low) for _, part in self._parts)
        return _between(share, (self._up_to(before), before), (below, value))

    def share_below(self, value: float) -> float:
        """Return the share (0…1) of the values that are smaller than this one, ms."""
        return self._below(value)

    @cached_property
    def points(self) -> Grid:
        """All points."""
        curve: list[Point] = []
        for value in sorted({value for _, part in self._parts for value in part.values}):
            curve += [(self._below(value), value), (self._up_to(value), value)]
        points = [curve[0], *(after for before, after in pairwise(curve) if after != before)]
        points[0], points[-1] = (0.0, points[0][1]), (1.0, points[-1][1])
        return Grid.of(points)

    def _around(self, share: float) -> tuple[float, float]:
        """Return two values, of which at most the second has so large a share of all up to it."""
        at = [(part.values, bisect_left(part.shares, share)) for _, part in self._parts]
        low = min(values[max(position - 1, 0)] for values, position in at)
        high = max(values[min(position, len(values) - 1)] for values, position in at)
        return (
            low if self._up_to(low) < share else self.least,
            high if self._up_to(high) >= share else self.greatest,
        )

    def _narrowed(self, share: float, low: float, high: float) -> tuple[float, float]:
        """Return closer ones, by false position; where one side stays, it counts half (Illinois)."""
        too_low, too_high = self._up_to(low) - share, self._up_to(high) - share
        last = 0
        for _ in range(_GUESSES):
            guess = low + (high - low) * too_low / (too_low - too_high)
            if not low < guess < high:
                break
            found = self._up_to(guess) - share
            if found < 0:
                low, too_low = guess, found
                too_high /= 2 if last < 0 else 1
                last = -1
            else:
                high, too_high = guess, found
                too_low /= 2 if last > 0 else 1
                last = 1
        return low, high

    def _grid_between(self, low: float, high: float) -> list[float]:
        """Return the grid's values above `low`, ascending, up to the first that is not below `high`."""
        last = min(part.first_at_least(high) for _, part in self._parts if part.values[-1] >= high)
        found: set[float] = set()
        for _, part in self._parts:
            found.update(part.values[bisect_right(part.values, low) : bisect_right(part.values, last)])
        return sorted(found)

    def _below(self, value: float) -> float:
        total = 0.0
        for count, part in self._parts:
            total += count * part.below(value)
        return total / self.count

    def _up_to(self, value: float) -> float:
        """Return the share of the values that are at most this one; each is worked out once."""
        known = self._known.get(value)
        if known is None:
            total = 0.0
            for count, part in self._parts:
                total += count * part.up_to(value)
            known = self._known[value] = total / self.count
        return known


def _between(share: float, before: Point, after: Point) -> float:
    """Return the value at a share that lies above the first point's, and is at most the second one's."""
    (low_share, low), (high_share, high) = before, after
    if high_share == share:
        return high
    return low + (high - low) * (share - low_share) / (high_share - low_share)


class _Cumulative:
    """The cumulative distribution of a grid: shares as a function of the value, with its jumps."""

    __slots__ = ("shares", "values")

    def __init__(self, grid: Grid) -> None:
        self.shares, self.values = grid.shares, grid.values

    def first_at_least(self, value: float) -> float:
        """Return the first point's value that is not below this one, which the greatest is not."""
        return self.values[bisect_left(self.values, value)]

    def last_at_most(self, value: float) -> float:
        """Return the last point's value that is not above this one; -inf without one."""
        position = bisect_right(self.values, value)
        return self.values[position - 1] if position else -math.inf

    def below(self, value: float) -> float:
        """Return the share of values < `value`."""
        position = bisect_left(self.values, value)
        if position == len(self.values):
            return 1.0
        if self.values[position] == value:
            return self.shares[position]
        return self._between(position, value)

    def up_to(self, value: float) -> float:
        """Return the share of values ≤ `value`."""
        values, shares = self.values, self.shares
        position = bisect_right(values, value)
        if position == 0:
            return 0.0
        if position == len(values):
            return 1.0
        low, share = values[position - 1], shares[position - 1]
        if low == value:
            return share
        return share + (shares[position] - share) * (value - low) / (values[position] - low)

    def _between(self, position: int, value: float) -> float:
        if position == 0:
            return 0.0
        low, high = self.values[position - 1], self.values[position]
        share = self.shares[position - 1]
        return share + (self.shares[position] - share) * (value - low) / (high - low)
