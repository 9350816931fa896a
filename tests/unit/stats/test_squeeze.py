"""What variances have in common: found again in variances that were drawn with it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tripod.stats import squeeze


def test_equal_variances_are_pooled() -> None:
    """Variances that differ by chance alone, or less, say one thing together: their mean."""
    found = squeeze.fit([3.0, 4.0, 5.0, 4.0], [8.0] * 4)
    assert found.squeeze(40.0, 8.0) == (4.0, 32.0)
    drawn = 4.0 * np.random.default_rng(2).chisquare(8, 300) / 8
    found = squeeze.fit(list(drawn), [8.0] * 300)
    assert found.degrees > 50
    assert found.scale == pytest.approx(4.0, rel=0.1)


def test_what_was_drawn_is_found_again() -> None:
    """Variances around 4 with 6 degrees of freedom in common (Smyth 2004, section 3) show these."""
    draw = np.random.default_rng(3)
    true = 4.0 * 6 / draw.chisquare(6, 20_000)
    found = squeeze.fit(list(true * draw.chisquare(3, 20_000) / 3), [3.0] * 20_000)
    assert found.scale == pytest.approx(4.0, rel=0.05)
    assert found.degrees == pytest.approx(6, rel=0.1)


def test_squeezed_is_the_mean_weighted_by_degrees() -> None:
    """Half and half with as many degrees in common as of its own; of a difference twice the common one."""
    common = squeeze.Prior(scale=1.0, degrees=2.0, own=30.0)
    assert common.squeeze(3.0, 2.0) == (2.0, 4.0)
    assert common.squeeze(4.0, 2.0, times=2) == (3.0, 4.0)


def test_no_variance_is_known_better_than_all_of_them() -> None:
    """However much they have in common, they have no more degrees of freedom than they bring together."""
    assert squeeze.Prior(scale=1.0, degrees=math.inf, own=30.0).squeeze(9.0, 2.0) == (1.0, 30.0)
    assert squeeze.Prior(scale=1.0, degrees=40.0, own=30.0).squeeze(1.0, 2.0) == (1.0, 30.0)


@pytest.mark.parametrize("variances", [[], [2.0], [0.0, 0.0, 0.0]])
def test_nothing_is_in_common(variances: list[float]) -> None:
    """One variance keeps what it is; so do such as say nothing."""
    assert squeeze.fit(variances, [2.0] * len(variances)).squeeze(5.0, 2.0) == (5.0, 2.0)
