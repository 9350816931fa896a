"""Intervals of a mean, against SciPy's own and against what they promise."""

from __future__ import annotations

import random
from statistics import fmean

import pytest
from scipy import stats

from tripod.stats.intervals import Interval, coefficient_of_variation, of_mean


def test_the_interval_is_students() -> None:
    """It is the interval that SciPy gives for the mean of the same values."""
    values = [100.0, 104.0, 99.0, 103.0]
    low, high = stats.t.interval(0.95, df=3, loc=fmean(values), scale=stats.sem(values))
    found = of_mean(values)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high))


def test_one_value_has_no_interval_and_no_variation() -> None:
    """One trial is an anecdote: nothing is said of how far off it is."""
    assert of_mean([100.0]) is None
    assert of_mean([]) is None
    assert coefficient_of_variation([100.0]) is None


def test_equal_values_do_not_vary() -> None:
    """The interval is the value itself."""
    assert of_mean([5.0, 5.0, 5.0]) == Interval(5.0, 5.0)
    assert coefficient_of_variation([5.0, 5.0, 5.0]) == 0


def test_variation_is_a_share_of_the_mean() -> None:
    """It is the sample's standard deviation, over its mean; of a mean of 0 there is none."""
    assert coefficient_of_variation([90.0, 110.0]) == pytest.approx(200**0.5 / 100)
    assert coefficient_of_variation([0.0, 0.0]) is None


def test_nineteen_of_twenty_intervals_have_the_true_mean() -> None:
    """Of 4,000 samples of three values, 95 % (± 1.2) have it."""
    draw = random.Random(1)
    found = [of_mean([draw.gauss(100, 3) for _ in range(3)]) for _ in range(4000)]
    assert sum(one.has(100) for one in found if one) / len(found) == pytest.approx(0.95, abs=0.012)
