"""Whether a window was long enough, and the same from its begin to its end."""

from __future__ import annotations

import pytest
from evidence_made import evidence, figures, spread

from tripod.stats.quantiles import percentile
from tripod.verdicts import registry


@pytest.mark.parametrize(("requests", "given"), [(99, True), (100, False)])
def test_a_rate_of_fewer_than_a_hundred_requests_is_short(requests: int, *, given: bool) -> None:
    """A count of a hundred is off by a tenth by chance."""
    assert ("short" in registry.judge(evidence(requests / 60)).codes) is given


@pytest.mark.parametrize(
    ("parts", "given"),
    [
        ((600,) * 10, False),
        ((800, 600, 600, 600, 600, 600, 600, 600, 600, 400), False),
        ((900, 600, 600, 600, 600, 600, 600, 600, 600, 300), True),
        ((0, 667, 667, 667, 667, 667, 667, 667, 666, 665), True),
    ],
)
def test_a_tenth_of_the_window_that_is_far_off(parts: tuple[int, ...], *, given: bool) -> None:
    """At 600 requests a tenth, 150 off the mean, 30 of ten users' iterations and 98 of chance are allowed."""
    assert ("unsteady" in registry.judge(evidence(parts=parts)).codes) is given


def test_users_in_step_are_no_swing() -> None:
    """In 3 s ten users' iterations fall into tenths by two or by three: that is their step, not the rate."""
    parts = (60, 90, 60, 60, 90, 60, 60, 90, 60, 60)
    assert "unsteady" not in registry.judge(evidence(690 / 60, parts=parts)).codes


def test_runs_that_did_not_count_parts_are_not_judged() -> None:
    """An earlier run's summary has none."""
    assert "unsteady" in registry.judge(evidence(parts=None)).not_judged


@pytest.mark.parametrize(("count", "left_out"), [(1000, False), (999, True)])
def test_a_percentile_needs_ten_values_beyond_it(count: int, *, left_out: bool) -> None:
    """A p99 of 999 values has nine beyond: it is left out, and the row says so; the p90 stays."""
    made = figures(latencies={"duration_ms": spread(30, count)})
    assert (percentile(made.latencies["duration_ms"], 0.99) is None) is left_out
    assert percentile(made.latencies["duration_ms"], 0.9) == 30
    found = evidence(latencies=made.latencies)
    assert ("few-samples" in registry.judge(found).notes) is left_out


@pytest.mark.parametrize(("count", "given"), [(200, False), (199, True)])
def test_a_short_window_is_judged_by_the_p95(count: int, *, given: bool) -> None:
    """In trials of 3 s no p99 is shown; the p95, which is, needs 200 values, and the p90 half of them."""
    load = {**evidence().planned["load"], "duration_s": 3.0}
    found = evidence(latencies={"duration_ms": spread(30, count)}, planned={"load": load})
    assert ("few-samples" in registry.judge(found).notes) is given
