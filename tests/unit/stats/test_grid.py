"""Grids, and quantiles of a mixture that looks at the points around them only."""

from __future__ import annotations

import random

import pytest

from tripod.stats.grid import Grid
from tripod.stats.quantiles import Distribution, merge

POINTS = ((0.0, 1.0), (0.5, 2.0), (1.0, 8.0))


def test_a_grid_is_a_sequence_of_its_points() -> None:
    """It has the points that went in, compares by them, and may be cut."""
    grid = Grid.of(POINTS)
    assert tuple(grid) == POINTS
    assert (len(grid), grid[1], grid[-1]) == (3, (0.5, 2.0), (1.0, 8.0))
    assert tuple(grid[1:]) == POINTS[1:]
    assert grid == Grid.of(list(POINTS))
    assert hash(grid) == hash(Grid.of(list(POINTS)))
    assert grid != Grid.of(POINTS[:2])
    assert Grid.of(grid) is grid
    assert "3 points" in repr(grid)
    assert repr(Grid.of(())) == "Grid()"


@pytest.mark.parametrize("digits", [0, 1, 9], ids=["many equal values", "some", "none"])
def test_a_mixture_tells_what_its_whole_grid_does(digits: int) -> None:
    """Every quantile is that of all its points to the last digit, jumps and flat parts included."""
    dice = random.Random(digits)
    for _ in range(150):
        parts = []
        for _ in range(dice.randint(2, 6)):
            shares = sorted({0.0, 1.0, *(dice.randint(1, 19) / 20 for _ in range(dice.choice([1, 4, 30])))})
            scale, spread = dice.choice([1, 1, 40]), dice.choice([0.01, 1])
            values = sorted(round(scale * dice.lognormvariate(0, spread), digits) for _ in shares)
            count = dice.choice([1, 7, 12345])
            points = tuple(zip(shares, values, strict=True))
            parts.append(Distribution(count, sum(values) / len(values), points))
        mixture = merge(parts)
        assert mixture is not None
        whole = Distribution(mixture.count, mixture.avg, tuple(mixture.points))
        assert (mixture.least, mixture.greatest) == (whole.least, whole.greatest)
        for share in (0.0, 0.001, 0.05, 0.5, 0.9, 0.99, 1.0, dice.random(), *whole.points.shares[:9]):
            assert mixture.quantile(share) == whole.quantile(share)
