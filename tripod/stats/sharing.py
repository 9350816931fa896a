"""What one run's values are of another's, cell by cell: trials in pairs where they were measured in turn.

Nothing is common to all cells here that would be taken out: what all have in common belongs to the answer.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from statistics import fmean, variance

from tripod.stats.between_runs import Error, Values, logs_of, squeezed, within
from tripod.stats.contrasts import Ratio
from tripod.stats.intervals import ratio_of

Logs = Mapping[str, Mapping[int, float]]


def in_pairs(a: Values, b: Values, *, unpooled: Collection[str] = ()) -> dict[str, Ratio]:
    """Return b ÷ a of each cell over the blocks that both have, for trials that were measured in turn.

    What slows both trials of a pair is not in the intervals. Cells with fewer than two pairs are absent.
    """
    differences = {cell: list(found.values()) for cell, found in _differences(a, b).items() if len(found) > 1}
    own = {cell: Error(variance(found), len(found) - 1.0) for cell, found in differences.items()}
    known = squeezed(own, unpooled)
    return {
        cell: _ratio(fmean(found), Error(known[cell].variance / len(found), known[cell].degrees))
        for cell, found in differences.items()
    }


def apart(a: Values, b: Values, *, unpooled: Collection[str] = ()) -> dict[str, Ratio]:
    """Return b ÷ a of each cell that both have, for runs that were measured one after the other.

    Trials vary alike on both sides, the drift from block to block included; that between the runs is
    known to nobody. Cells with fewer than three trials in all are absent.
    """
    sides = [logs_of(values) for values in (a, b)]
    samples = {
        cell: [list(side[cell].values()) for side in sides]
        for cell in sides[0]
        if all(cell in side for side in sides)
    }
    own = {cell: found for cell, both in samples.items() if (found := within(both))}
    return {
        cell: _ratio(fmean(samples[cell][1]) - fmean(samples[cell][0]), found.of_means(samples[cell]))
        for cell, found in squeezed(own, unpooled).items()
    }


def mean_in_pairs(a: Values, b: Values, cells: Collection[str]) -> Ratio | None:
    """Return the geometric mean of b ÷ a over the cells, by its variance from block to block.

    Only blocks in which both have all of these cells count; None where these are fewer than two.
    """
    found = [of_cell for cell, of_cell in _differences(a, b).items() if cell in cells]
    blocks = _whole_blocks(found)
    if len(blocks) < 2:  # noqa: PLR2004 - one block has no variance
        return None
    means = [fmean(of_cell[block] for of_cell in found) for block in blocks]
    return _ratio(fmean(means), Error(variance(means) / len(means), len(means) - 1.0))


def mean_apart(a: Values, b: Values, cells: Collection[str]) -> Ratio | None:
    """Return the same of runs one after the other; None where neither has two whole blocks."""
    means: list[list[float]] = []
    for values in (a, b):
        found = [of_cell for cell, of_cell in logs_of(values).items() if cell in cells]
        means.append([fmean(of_cell[block] for of_cell in found) for block in _whole_blocks(found)])
    error = within(means) if all(means) else None
    return _ratio(fmean(means[1]) - fmean(means[0]), error.of_means(means)) if error else None


def _differences(a: Values, b: Values) -> dict[str, dict[int, float]]:
    of_a, of_b = logs_of(a), logs_of(b)
    found = {
        cell: {block: of_b[cell][block] - log for block, log in logs.items() if block in of_b[cell]}
        for cell, logs in of_a.items()
        if cell in of_b
    }
    return {cell: of_cell for cell, of_cell in found.items() if of_cell}


def _whole_blocks(found: Sequence[Mapping[int, float]]) -> list[int]:
    if not found:
        return []
    return sorted(set(found[0]).intersection(*found[1:]))


def _ratio(log: float, error: Error) -> Ratio:
    return Ratio(
        ratio_of(log), error.interval(log), error.p_value(log), error.degrees, math.sqrt(error.variance)
    )
