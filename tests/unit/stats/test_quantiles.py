"""Merging k6's quantile grids."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right

import pytest

from tripod.stats.quantiles import Distribution, from_k6, merge


def grid(samples: list[float]) -> dict[str, float]:
    """Return what k6 gives for the samples: percentiles interpolated between the closest ranks."""
    ordered = sorted(samples)

    def percentile(percent: float) -> float:
        position = percent / 100 * (len(ordered) - 1)
        low = math.floor(position)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (position - low)

    percents = [tenths / 10 for tenths in range(1, 1000)] + [99.99]
    values = {f"p({percent:g})": percentile(percent) for percent in percents}
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "avg": sum(ordered) / len(ordered),
        "count": len(ordered),
        **values,
    }


def test_merge_agrees_with_the_pooled_samples() -> None:
    """A quantile of the merged grids lies within 0.2 % of its rank among all samples taken together."""
    dice = random.Random(1)
    trials = [
        [dice.lognormvariate(mean, 0.6) for _ in range(count)]
        for mean, count in ((1.0, 4000), (1.4, 9000), (3.0, 2500))
    ]
    merged = merge([from_k6(grid(samples)) for samples in trials])
    pooled = sorted(value for samples in trials for value in samples)
    assert merged is not None
    for share in (0.001, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999):
        value = merged.quantile(share)
        assert bisect_left(pooled, value) / len(pooled) <= share + 0.002
        assert bisect_right(pooled, value) / len(pooled) >= share - 0.002
    assert merged.count == len(pooled)
    assert (merged.least, merged.greatest) == (pooled[0], pooled[-1])
    assert merged.avg == pytest.approx(sum(pooled) / len(pooled))


def test_percentiles_are_not_averaged() -> None:
    """A trial of 900 fast requests and one of 100 slow ones: p95 is a slow one's, not something between."""
    fast = from_k6(grid([1.0] * 900))
    slow = from_k6(grid([1000.0] * 100))
    merged = merge([fast, slow])
    assert merged is not None
    assert merged.quantile(0.5) == 1.0
    assert merged.quantile(0.89) == 1.0
    assert merged.quantile(0.95) == 1000.0


def test_weight_is_the_count() -> None:
    """The same two grids merge differently when their counts differ."""
    low = Distribution(1, 1.5, ((0.0, 1.0), (1.0, 2.0)))
    high = Distribution(3, 3.5, ((0.0, 3.0), (1.0, 4.0)))
    merged = merge([low, high])
    assert merged is not None
    assert merged.quantile(0.25) == 2.0
    assert merged.quantile(0.625) == pytest.approx(3.5)
    assert merged.avg == 3.0


def test_one_grid_stays_as_k6_gave_it() -> None:
    """Without a second trial every quantile of the grid is k6's own number, to the last digit."""
    values = grid([random.Random(2).expovariate(0.1) for _ in range(777)])
    merged = merge([from_k6(values)])
    assert merged is not None
    assert {f"p({tenths / 10:g})": merged.quantile(tenths / 1000) for tenths in range(1, 1000)} == {
        key: value for key, value in values.items() if key.startswith("p(") and key != "p(99.99)"
    }


def test_nothing_merges_to_nothing() -> None:
    """Without any value there is no distribution, and an empty trial does not weigh."""
    empty = Distribution(0, 0.0, ((0.0, 0.0), (1.0, 0.0)))
    full = Distribution(2, 5.0, ((0.0, 4.0), (1.0, 6.0)))
    assert merge([]) is None
    assert merge([empty]) is None
    assert merge([empty, full]) == full
