"""Runs compared: first the shift that all cells have in common, then each cell against it.

A machine drifts, so what all cells of a run have in common is taken for the machine's. It is the median of
the cells' log ratios, which a cell that did change does not move. Where each side has one run, the variance
is that of trials around the effects of cell and block: it says nothing of what differs from one run to the
next. Where a side has several, it is that of whole runs around their shift (Kalibera, Jones: Rigorous
Benchmarking in Reasonable Time, ISMM 2013: the highest level that was repeated decides); with few runs it has
few degrees of freedom. Either way it is squeezed towards that of all cells (`tripod.stats.squeeze`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, variance

from tripod.stats import effects, squeeze, student
from tripod.stats.intervals import Interval, ratio_of

Values = Mapping[tuple[str, int], float]
"""(cell, block) → value > 0, of one run."""

FEWEST_CELLS = 3
"""Of two cells nobody can say which of them has moved."""

# A standard error of 0 is one of values that were rounded alike: no weight is infinite.
_LEAST = 1e-9


@dataclass(frozen=True)
class Shift:
    """What all cells have in common: B ÷ A.

    Attributes:
        ratio: median over the cells that tell it.
        interval: 95 %, by how runs (of one: its blocks) differ; None where one side has a single block.
        cells: how many tell it.

    """

    ratio: float
    interval: Interval | None
    cells: int


@dataclass(frozen=True)
class Tested:
    """A ratio.

    Attributes:
        value: the ratio.
        interval: 95 %, of this one alone; None where no variance is known. That of a ratio with the shift in
            it has none of the shift's own uncertainty.
        p: how often chance alone makes a ratio so far from 1; None likewise.

    """

    value: float
    interval: Interval | None
    p: float | None


@dataclass(frozen=True)
class Against:
    """One cell: B ÷ A.

    Attributes:
        ratio: as it was measured, the shift included.
        to_shift: the same ÷ the shift; None where there is no shift.

    """

    ratio: Tested
    to_shift: Tested | None


@dataclass(frozen=True)
class Comparison:
    """Two sides compared; `shift` is None where fewer than three cells tell it."""

    shift: Shift | None
    cells: Mapping[str, Against]


def compare(
    a: Sequence[Values],
    b: Sequence[Values],
    *,
    kinds: Mapping[str, str] | None = None,
    unpooled: Collection[str] = (),
    steps: Mapping[str, float] | None = None,
) -> Comparison:
    """Return B ÷ A for each cell that some run of either side has.

    Args:
        a: the runs of side A, each with its values.
        b: those of side B.
        kinds: cell → kind, of the cells whose values something else than the machine sets. They do not tell
            the shift, feel no drift of blocks, and have in common what cells of their kind have.
        unpooled: cells whose deviation is another than the others': they have their own variance.
        steps: cell → what a trial's value goes up in, such as one request in its duration. No variance is
            taken for less than what the two ends of a trial leave unknown.

    """
    kinds = kinds or {}
    several = max(len(a), len(b)) > 1
    logs = [_over_runs(runs, kinds) if several else logs_of(runs[0]) for runs in (a, b)]
    sides = [_effects(side, kinds) for side in logs]
    common = [cell for cell in logs[0] if cell in logs[1]]
    differences = {cell: sides[1].cells[cell].mean - sides[0].cells[cell].mean for cell in common}
    errors: dict[str, Error] = {}
    for kind in dict.fromkeys(kinds.get(cell, "") for cell in common):
        alike = [cell for cell in common if kinds.get(cell, "") == kind]
        errors |= _errors(sides, alike, unpooled, {} if several else steps or {})
    measured = {cell: _tested(log, errors.get(cell)) for cell, log in differences.items()}
    telling = [cell for cell in common if cell not in kinds]
    if len(telling) < FEWEST_CELLS:
        return Comparison(None, {cell: Against(ratio, None) for cell, ratio in measured.items()})
    middle = median(differences[cell] for cell in telling)
    drift = _drift([list(side.blocks.values()) for side in sides], middle)
    beside = _with_the_shift(errors, telling)
    return Comparison(
        Shift(ratio_of(middle), drift, len(telling)),
        {
            cell: Against(measured[cell], _tested(log - middle, beside.get(cell)))
            for cell, log in differences.items()
        },
    )


def _effects(logs: Mapping[str, Mapping[int, float]], kinds: Mapping[str, str]) -> effects.Effects:
    """Return the effects of cells and blocks; cells of a kind have no effects of blocks."""
    following = {cell: of_cell for cell, of_cell in logs.items() if cell not in kinds}
    fitted = effects.fit(following) if following else effects.Effects({}, {})
    apart = {
        cell: effects.Effect(
            mean=fmean(of_cell.values()),
            variance=variance(of_cell.values()) if len(of_cell) > 1 else 0.0,
            degrees=len(of_cell) - 1.0,
            count=len(of_cell),
        )
        for cell, of_cell in logs.items()
        if cell in kinds
    }
    return effects.Effects({**fitted.cells, **apart}, fitted.blocks)


@dataclass(frozen=True)
class Error:
    """The variance of a log ratio, and its degrees of freedom."""

    variance: float
    degrees: float

    def of_means(self, samples: Sequence[Sequence[float]]) -> Error:
        """Return the error of the difference of two samples' means, where this is that of one value."""
        return Error(self.variance * sum(1 / len(values) for values in samples), self.degrees)

    def interval(self, log: float) -> Interval:
        """Return the 95 % interval of the ratio with this logarithm."""
        half = student.quantile(self.degrees) * math.sqrt(self.variance)
        return Interval(ratio_of(log - half), ratio_of(log + half))

    def p_value(self, log: float) -> float:
        """Return how often chance alone puts a log ratio so far from 0."""
        deviation = math.sqrt(self.variance)
        return student.p_value(log / deviation, self.degrees) if deviation else float(not log)


def within(samples: Sequence[Sequence[float]]) -> Error | None:
    """Return the variance of one value around the mean of its sample; None if none has two values."""
    degrees = sum(len(values) - 1 for values in samples)
    if not degrees:
        return None
    squares = sum(variance(values) * (len(values) - 1) for values in samples if len(values) > 1)
    return Error(squares / degrees, float(degrees))


def logs_of(values: Values) -> dict[str, dict[int, float]]:
    """Return cell → block → natural logarithm."""
    logs: dict[str, dict[int, float]] = {}
    for (cell, block), value in values.items():
        logs.setdefault(cell, {})[block] = math.log(value)
    return logs


def _over_runs(runs: Sequence[Values], kinds: Mapping[str, str]) -> dict[str, dict[int, float]]:
    """Return cell → run → log: whole runs are what is repeated."""
    logs: dict[str, dict[int, float]] = {}
    for number, run in enumerate(runs):
        for cell, found in _effects(logs_of(run), kinds).cells.items():
            logs.setdefault(cell, {})[number] = found.mean
    return logs


def _errors(
    sides: Sequence[effects.Effects],
    cells: Sequence[str],
    unpooled: Collection[str],
    steps: Mapping[str, float],
) -> dict[str, Error]:
    """Return the errors of cells that are alike; without those of which neither they nor their like tell one.

    A cell varies alike on both sides, also where one of them was measured once.
    """
    pooled = {cell: _pooled(*(side.cells[cell] for side in sides)) for cell in cells}
    errors = {}
    for cell, known in squeezed(pooled, unpooled).items():
        if known.degrees:
            found_there = [side.cells[cell] for side in sides]
            times = sum(1 / there.count for there in found_there)
            slower = math.exp(min(there.mean for there in found_there))
            # two ends of a trial, each within a step: 1/12 of its square
            least = (steps.get(cell, 0.0) / slower) ** 2 / 6
            errors[cell] = Error(max(known.variance, least) * times, known.degrees)
    return errors


def squeezed(own: Mapping[str, Error], unpooled: Collection[str]) -> dict[str, Error]:
    """Return variances as squeezed towards what the cells have in common, but for those of `unpooled`.

    As limma does it 7 to 14 % of families had a false difference, with care 2 to 5 %.
    """
    shared = [found for cell, found in own.items() if cell not in unpooled]
    prior = squeeze.fit([found.variance for found in shared], [found.degrees for found in shared])
    return {
        cell: found if cell in unpooled else Error(*squeeze.carefully(prior, found.variance, found.degrees))
        for cell, found in own.items()
    }


def _pooled(a: effects.Effect, b: effects.Effect) -> Error:
    degrees = a.degrees + b.degrees
    squares = a.variance * a.degrees + b.variance * b.degrees
    return Error(squares / degrees if degrees else 0.0, degrees)


def _with_the_shift(errors: Mapping[str, Error], telling: Sequence[str]) -> dict[str, Error]:
    """Return the errors of what is left when the shift, a median, is taken out.

    The variance of a median of k normal values, with errors s, is (pi/2) k ÷ (sum of 1/s)², and its
    covariance with one of them s ÷ (sum of 1/s): a value moves the median, and is nearer to it for that. Both
    hold for many values; for few the sum is a little too much.
    """
    deviations = {cell: max(math.sqrt(errors[cell].variance), _LEAST) for cell in telling if cell in errors}
    weight = sum(1 / deviation for deviation in deviations.values())
    if not weight:
        return {}
    of_median = math.pi / 2 * len(deviations) / weight**2
    return {
        cell: Error(
            max(error.variance + of_median - 2 * deviations.get(cell, 0.0) / weight, 0.0), error.degrees
        )
        for cell, error in errors.items()
    }


def _drift(sides: Sequence[Sequence[float]], middle: float) -> Interval | None:
    """Return the interval of the shift by how the units of each side differ; None of a single unit each."""
    found = within(sides)
    return found.of_means(sides).interval(middle) if found else None


def _tested(log: float, error: Error | None) -> Tested:
    if error is None:
        return Tested(ratio_of(log), None, None)
    return Tested(ratio_of(log), error.interval(log), error.p_value(log))
