"""One run's values against another's, with nothing taken out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tripod.stats import sharing
from tripod.stats.contrasts import Ratio

# Two cells in three blocks, each slower than the one before; on one machine 30 % and 50 % less.
APART = {("a", block): 100.0 * 0.8**block for block in (1, 2, 3)} | {
    ("b", block): 50.0 * 0.8**block for block in (1, 2, 3)
}
SHARED = {
    key: value * (0.7 if key[0] == "a" else 0.5) * (1.01, 0.99, 1.0)[key[1] - 1]
    for key, value in APART.items()
}


def test_pairs_leave_the_drift_of_blocks_out() -> None:
    """Trials that stand beside one another share what the machine did in that block."""
    found = sharing.in_pairs(APART, SHARED)
    assert found["a"].value == pytest.approx(0.7, rel=0.001)
    assert found["b"].value == pytest.approx(0.5, rel=0.001)
    assert found["a"].interval.high < 0.75
    assert found["a"].p < 0.01


def test_without_pairs_the_drift_is_in_the_interval() -> None:
    """The same trials, unpaired: the same ratio, and nothing is shown."""
    found = sharing.apart(APART, SHARED)
    assert found["a"].value == pytest.approx(0.7, rel=0.001)
    assert found["a"].interval.high > 1
    assert found["a"].p > 0.05


@pytest.mark.parametrize("mean", [sharing.mean_in_pairs, sharing.mean_apart])
def test_the_mean_is_over_cells_within_blocks(mean: Callable[..., Ratio | None]) -> None:
    """It is the geometric one, over blocks that both have whole; of one block nobody knows more."""
    lacking = {key: value for key, value in SHARED.items() if key != ("a", 3)}
    for shared in (SHARED, lacking):
        found = mean(APART, shared, {"a", "b"})
        assert found is not None
        assert found.interval.low < 0.35**0.5 < found.interval.high
    one = {key: value for key, value in SHARED.items() if key[1] == 1}
    assert mean(one, one, {"a"}) is None


def test_what_one_lacks_is_absent() -> None:
    """A cell of one run alone, or with one pair, has no ratio."""
    assert set(sharing.in_pairs(APART, {("a", 1): 70.0, ("c", 1): 1.0})) == set()
    assert set(sharing.apart({("a", 1): 70.0}, {("a", 1): 70.0})) == set()
    assert set(sharing.apart(APART, {("a", 1): 70.0})) == {"a"}
