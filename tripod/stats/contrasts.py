"""Ratios of cells of one run, each with its interval: log rates with effects of block and cell.

A block has every cell once, so what slows the machine for a block slows both cells of a pair: they are
compared by their differences within blocks. The variance of these is the pair's own, squeezed towards that
of all cells (`tripod.stats.squeeze`): with three trials a cell and a deviation of 3 % a ratio is known to
±11 % by itself, and to ±5 % among 16 cells.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, variance

from tripod.stats import effects, squeeze, student
from tripod.stats.intervals import Interval

_FEWEST_BLOCKS = 2


@dataclass(frozen=True)
class Ratio:
    """One cell's rate ÷ another's.

    Attributes:
        value: the ratio, of the geometric means over blocks that both have.
        interval: 95 %, of this ratio alone: several that are read together need more (`families`).
        p: how often chance alone makes a ratio so far from 1.
        degrees: of freedom, which the interval rests on.
        standard_error: of the ratio's natural logarithm.

    """

    value: float
    interval: Interval
    p: float
    degrees: float
    standard_error: float


class Blocks:
    """The rates of a run's cells, block by block."""

    def __init__(
        self,
        rates: Mapping[tuple[str, int], float],
        *,
        unpooled: Collection[str] = (),
        steps: Mapping[str, float] | None = None,
    ) -> None:
        """Take the rates, all above 0, in whatever unit.

        Args:
            rates: (cell, block) → rate; what was not measured is left out.
            unpooled: cells whose deviation is another than the others'; a ratio with one of them has its own
                variance, and those of others are not told by it.
            steps: cell → what its rate goes up in: one request in a trial's duration. No variance is taken
                for less than what the two ends of a trial, each within a request, leave unknown.

        Raises:
            ValueError: of a rate that is not above 0.

        """
        self._unpooled = frozenset(unpooled)
        self._logs: dict[str, dict[int, float]] = {}
        self._steps = steps or {}
        for (cell, block), rate in rates.items():
            if not 0 < rate < math.inf:
                raise ValueError(f"the rate of {cell} in block {block} is {rate}, and has no logarithm")
            self._logs.setdefault(cell, {})[block] = math.log(rate)

    def ratio(self, a: str, b: str) -> Ratio | None:
        """Return a's rate ÷ b's over the blocks that both have; None if these are fewer than two."""
        differences = self._differences(a, b)
        if len(differences) < _FEWEST_BLOCKS:
            return None
        own, degrees = variance(differences), len(differences) - 1.0
        if not self._unpooled.intersection((a, b)):
            own, degrees = self.common.squeeze(own, degrees, times=2)
        own = max(own, self._least(a) + self._least(b))
        return _ratio(fmean(differences), math.sqrt(own / len(differences)), degrees)

    @cached_property
    def common(self) -> squeeze.Prior:
        """What the variances of the cells have in common, each around its cell's and its blocks' effects."""
        rates = {cell: logs for cell, logs in self._logs.items() if cell not in self._unpooled}
        if len(rates) < 2:  # noqa: PLR2004 - one cell has nothing in common
            return squeeze.NOTHING_IN_COMMON
        fitted = effects.fit(rates).cells.values()
        return squeeze.fit([found.variance for found in fitted], [found.degrees for found in fitted])

    def _least(self, cell: str) -> float:
        """Return the variance of a rate's log that counting whole requests leaves: two ends, 1/12 each."""
        mean = math.exp(fmean(self._logs[cell].values()))
        return float((self._steps.get(cell, 0.0) / mean) ** 2 / 6)

    def _differences(self, a: str, b: str) -> list[float]:
        of_a, of_b = self._logs.get(a, {}), self._logs.get(b, {})
        return [value - of_b[block] for block, value in of_a.items() if block in of_b]


def _ratio(log: float, standard_error: float, degrees: float) -> Ratio:
    half = student.quantile(degrees) * standard_error
    p = float(not log)  # without any deviation a difference is certain, whatever it is
    if standard_error:
        p = student.p_value(log / standard_error, degrees)
    return Ratio(
        math.exp(log), Interval(math.exp(log - half), math.exp(log + half)), p, degrees, standard_error
    )
