"""How many blocks are enough: against simulation, and against what is known of three trials."""

from __future__ import annotations

import math
import random

import pytest

from tripod.stats import power, student


def test_three_trials_know_a_ratio_to_five_per_cent() -> None:
    """At 3 % deviation: ±5.6 % with the ten degrees of freedom of 16 cells, ±11 % with its own two."""
    assert power.pooled_degrees(16, 3) == 10
    assert power.pooled_degrees(2, 3) == 2
    assert power.precision(0.03, 3, power.pooled_degrees(16, 3)) == pytest.approx(0.056, abs=0.001)
    assert power.precision(0.03, 3, 2) == pytest.approx(0.11, abs=0.002)


def test_the_fewest_is_found() -> None:
    """It is the least number that fits; none where the most does not, or where the least is above it."""
    assert power.fewest(lambda blocks: blocks >= 7, 2, 100) == 7
    assert power.fewest(lambda blocks: blocks >= 1, 4, 100) == 4
    assert power.fewest(lambda blocks: blocks > 100, 2, 100) is None
    assert power.fewest(lambda _: True, 101, 100) is None


def test_so_many_blocks_find_the_difference_four_times_in_five() -> None:
    """Of 2,000 pairs that differ by 5 % at a deviation of 3 %, 80 % (± 4) are told apart by those blocks."""
    difference, variance = math.log(1.05), 2 * 0.03**2

    def enough(blocks: int) -> bool:
        return power.tells_apart(difference, variance, blocks, 15.0 * (blocks - 1))

    blocks = power.fewest(enough, 2, 100)
    assert blocks is not None
    draw, found = random.Random(14), 0
    for _ in range(2000):
        mean = sum(draw.gauss(difference, math.sqrt(variance)) for _ in range(blocks)) / blocks
        found += student.p_value(mean / math.sqrt(variance / blocks), 15.0 * (blocks - 1)) <= 0.05
    assert 0.78 < found / 2000 < 0.9
    assert not enough(blocks - 1)
    assert not power.tells_apart(difference, variance, blocks, 15.0 * (blocks - 1), several=100)
