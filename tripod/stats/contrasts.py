"""Ratios of cells of one run, each with its interval: log rates with effects of block and cell.

A block has every cell once, so what slows the machine for a block slows both cells of a pair: they are
compared by their differences within blocks. The variance of these is the pair's own, squeezed with care
towards that of all cells (`tripod.stats.squeeze`): with three trials a cell and a deviation of 3 % a ratio is
known to ±11 % by itself, and to some ±5.5 % among 16 cells.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tripod.stats import effects, squeeze, student
from tripod.stats.intervals import Interval, ratio_of

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

    def among(self, several: int) -> Interval:
        """Return the interval as one of several, all of which hold together in 95 % (Bonferroni)."""
        confidence = 1 - (1 - student.CONFIDENCE) / several
        half = student.quantile(self.degrees, confidence) * self.standard_error
        log = math.log(self.value)
        return Interval(ratio_of(log - half), ratio_of(log + half))

    def inverse(self) -> Ratio:
        """Return the ratio the other way round."""
        turned = Interval(1 / self.interval.high, 1 / self.interval.low)
        return Ratio(1 / self.value, turned, self.p, self.degrees, self.standard_error)


@dataclass(frozen=True)
class _Model:
    """What is known of the deviation of cells of a kind: what they have in common, and each one's own."""

    common: squeeze.Prior
    variances: Mapping[str, tuple[float, float]]

    def variance(self, cell: str) -> tuple[float, float]:
        """Return the variance of one of its rates' logs, and the degrees of freedom that it is known with."""
        return squeeze.carefully(self.common, *self.variances[cell], cells=len(self.variances))


class Blocks:
    """The rates of a run's cells, block by block."""

    def __init__(
        self,
        rates: Mapping[tuple[str, int], float],
        *,
        unpooled: Collection[str] = (),
        kinds: Mapping[str, str] | None = None,
        steps: Mapping[str, float] | None = None,
    ) -> None:
        """Take the rates, all above 0, in whatever unit.

        Args:
            rates: (cell, block) → rate; what was not measured is left out.
            unpooled: cells whose deviation is another than the others'; a ratio with one of them has its own
                variance, and those of others are not told by it.
            kinds: cell → kind, of those that differ from all others in what a slower machine does to them:
                effects of blocks, and what variances have in common, are those of a kind.
            steps: cell → what its rate goes up in: one request in a trial's duration. No variance is taken
                for less than what the two ends of a trial, each within a request, leave unknown.

        Raises:
            ValueError: of a rate that is not above 0.

        """
        self._unpooled = frozenset(unpooled)
        self._logs: dict[str, dict[int, float]] = {}
        self._kinds = kinds or {}
        self._steps = steps or {}
        self._models: dict[str, _Model] = {}
        for (cell, block), rate in rates.items():
            if not 0 < rate < math.inf:
                raise ValueError(f"the rate of {cell} in block {block} is {rate}, and has no logarithm")
            self._logs.setdefault(cell, {})[block] = math.log(rate)

    def ratio(self, a: str, b: str) -> Ratio | None:
        """Return a's rate ÷ b's over the blocks that both have; None if these are fewer than two."""
        differences = self._differences(a, b)
        if len(differences) < _FEWEST_BLOCKS:
            return None
        mean = math.fsum(differences) / len(differences)
        variance, degrees = self._variance(a, b, differences, mean)
        variance = max(variance, self._least(a) + self._least(b))
        return _ratio(mean, math.sqrt(variance / len(differences)), degrees)

    def blocks(self, a: str, b: str) -> int:
        """Return how many blocks both have."""
        return len(self._differences(a, b))

    @property
    def common(self) -> squeeze.Prior:
        """What the variances of the cells without a kind have in common."""
        return self._model("").common

    def _variance(self, a: str, b: str, differences: Sequence[float], mean: float) -> tuple[float, float]:
        """Return the variance of one difference, and its degrees of freedom.

        Cells of two kinds do not share what a block does to them. Their variance is the sum of both, each
        around the blocks' effects on its kind, with degrees after Welch and Satterthwaite: the ratio is that
        of these blocks, as it is with cells of one kind.
        """
        degrees = len(differences) - 1.0
        own = math.fsum((one - mean) ** 2 for one in differences) / degrees
        if self._unpooled.intersection((a, b)):
            return own, degrees
        kinds = [self._kinds.get(cell, "") for cell in (a, b)]
        models = [self._model(kind) for kind in kinds]
        if kinds[0] == kinds[1]:
            alike = models[0]
            return squeeze.carefully(alike.common, own, degrees, times=2, cells=len(alike.variances))
        if not all(model.common.own for model in models):
            return own, degrees
        (of_a, degrees_a), (of_b, degrees_b) = models[0].variance(a), models[1].variance(b)
        both = of_a + of_b
        return both, both**2 / (of_a**2 / degrees_a + of_b**2 / degrees_b) if both else degrees

    def _model(self, kind: str) -> _Model:
        """Return what is known of the cells of a kind, each around its own effect and those of its blocks."""
        if kind not in self._models:
            cells = {
                cell: logs
                for cell, logs in self._logs.items()
                if cell not in self._unpooled and self._kinds.get(cell, "") == kind
            }
            fitted = effects.fit(cells).cells if len(cells) > 1 else {}
            known = {cell: (found.variance, found.degrees) for cell, found in fitted.items()}
            variances, degrees = zip(*known.values(), strict=True) if known else ((), ())
            self._models[kind] = _Model(squeeze.fit(variances, degrees), known)
        return self._models[kind]

    def _least(self, cell: str) -> float:
        """Return the variance of a rate's log that counting whole requests leaves: two ends, 1/12 each."""
        step = self._steps.get(cell)
        if step is None:
            return 0.0
        logs = self._logs[cell].values()
        return float((step / math.exp(math.fsum(logs) / len(logs))) ** 2 / 6)

    def _differences(self, a: str, b: str) -> list[float]:
        of_a, of_b = self._logs.get(a, {}), self._logs.get(b, {})
        return [value - of_b[block] for block, value in of_a.items() if block in of_b]


def _ratio(log: float, standard_error: float, degrees: float) -> Ratio:
    half = student.quantile(degrees) * standard_error
    p = float(not log)  # without any deviation a difference is certain, whatever it is
    if standard_error:
        p = student.p_value(log / standard_error, degrees)
    return Ratio(
        ratio_of(log), Interval(ratio_of(log - half), ratio_of(log + half)), p, degrees, standard_error
    )
