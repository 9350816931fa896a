"""How many blocks it takes to know a ratio so well, or to tell two cells apart."""

from __future__ import annotations

import math
from collections.abc import Callable

from tripod.stats import squeeze, student
from tripod.stats.families import ALPHA

# Cells that differ as they seem to are told apart with this chance.
POWER = 0.8


def pooled_degrees(cells: int, blocks: int) -> float:
    """Return the degrees of freedom of a ratio's variance where cells deviate alike, as ratios have them."""
    own = blocks - 1.0
    return min(squeeze.most_in_common(cells) + own, (cells - 1) * own)


def precision(deviation: float, blocks: int, degrees: float) -> float:
    """Return how far the 95 % interval of a ratio reaches upwards, as a share of it.

    Args:
        deviation: standard deviation of a trial's rate, as a share of it.
        blocks: that both cells have.
        degrees: of freedom that the deviation is known with.

    """
    return math.expm1(student.quantile(degrees) * deviation * math.sqrt(2 / blocks))


def fewest(fits: Callable[[int], bool], least: int, most: int) -> int | None:
    """Return the least number of blocks that fits, from `least` on; None if `most` do not.

    More blocks fit where fewer do.
    """
    if most < least or not fits(most):
        return None
    while least < most:
        middle = (least + most) // 2
        least, most = (least, middle) if fits(middle) else (middle + 1, most)
    return least


def tells_apart(log_ratio: float, variance: float, blocks: int, degrees: float, several: float = 1) -> bool:
    """Whether so many blocks tell a ratio like this from 1 with a chance of four in five.

    Args:
        log_ratio: the natural logarithm of what the ratio seems to be.
        variance: of one block's difference.
        blocks: how many there are.
        degrees: of freedom that the variance is then known with.
        several: how many comparisons are read together.

    """
    needed = student.quantile(degrees, 1 - ALPHA / several) + student.below(degrees, POWER)
    return abs(log_ratio) >= needed * math.sqrt(variance / blocks)
