"""What several load hosts measured is put together: sums exactly, quantiles nearly as of all samples."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest
from merged_samples import INPUTS, SHARES, errors_of, grid_of

from tripod.stats.figures import Figures, Schedule, from_k6_summary, merged
from tripod.stats.quantiles import Distribution

# Most that a percentile of merged grids may be off that of the pooled samples, as a share of it: twice what
# benchmarks/merge_error.py saw in 20 seeds; and how many of the samples may lie in between.
MOST_OFF = {0.5: 0.001, 0.95: 0.004, 0.99: 0.016, 0.999: 0.12}
MOST_BETWEEN = 0.0005
# Where two modes leave a gap a percentile in it is any value of the gap.
IN_A_GAP = {("one host saw a stall", 0.99)}


@pytest.mark.parametrize("name", INPUTS)
def test_percentiles_are_those_of_the_pooled_samples(name: str) -> None:
    """Whatever the shapes of what two or three load hosts saw, and however unequal their numbers."""
    for seed in range(3):
        for share, error in zip(SHARES, errors_of(INPUTS[name](random.Random(seed))), strict=True):
            assert error.rank <= MOST_BETWEEN
            assert error.value <= MOST_OFF[share] or (name, share) in IN_A_GAP


def test_percentiles_are_not_averaged() -> None:
    """Of a thousand fast answers and ten slow ones, none of the slow half is anywhere near the p99."""
    fast, slow = grid_of([1.0] * 1000), grid_of([1000.0] * 8)
    assert merged([figures(fast), figures(slow)]).latencies["duration_ms"].quantile(0.99) == 1.0


def figures(distribution: Distribution, **changes: Any) -> Figures:
    """Return the figures of a load host whose answers took so long."""
    count = round(distribution.count)
    made = Figures(
        requests=count,
        failed_requests=0,
        failures={},
        failed_checks=0,
        iterations=count // 3,
        ok_requests=count - 1,
        ok_requests_total=count,
        latencies={"duration_ms": distribution},
        routes={"home": distribution},
        ok_of_routes={"home": count - 1},
        parts=(count // 10,) * 10,
        drains_s=0.25,
    )
    return dataclasses.replace(made, **changes)


def test_counts_are_summed() -> None:
    """Each of them, by kind, route and tenth; what one host has not is the other's."""
    one = figures(grid_of([1.0] * 100), failures={"refused": 2}, failed_requests=2, failed_checks=1)
    other = figures(
        grid_of([3.0] * 300), failures={"refused": 1, "broken": 1}, routes={}, ok_of_routes={"api": 5}
    )
    both = merged([one, other])
    assert (both.requests, both.iterations, both.ok_requests, both.ok_requests_total) == (400, 133, 398, 400)
    assert (both.failures, both.failed_requests, both.failed_checks) == ({"refused": 3, "broken": 1}, 2, 1)
    assert both.ok_of_routes == {"home": 99, "api": 5}
    assert both.parts == (40,) * 10
    assert both.drains_s == 0.5
    assert both.latencies["duration_ms"].avg == pytest.approx(2.5)
    assert both.routes == {"home": one.routes["home"]}
    assert both.schedule is None


def test_one_alone_is_itself_and_what_one_does_not_tell_nobody_knows() -> None:
    """No tenths without those of all, and no drains."""
    one = figures(grid_of([1.0] * 100))
    assert merged([one]) is one
    without = merged([one, dataclasses.replace(one, parts=None, drains_s=None)])
    assert (without.parts, without.drains_s) == (None, None)


def test_schedules_are_summed_and_their_lags_merged() -> None:
    """Of 100 iterations of each, those of the second began later."""
    kept = [Schedule(drops, 90, 95, grid_of([lag_ms] * 100)) for drops, lag_ms in ((0, 1.0), (3, 9.0))]
    found = merged([figures(grid_of([1.0] * 100), schedule=schedule) for schedule in kept]).schedule
    assert found is not None
    assert (found.dropped_iterations, found.within_slo, found.within_slo_of_send) == (3, 180, 190)
    assert found.lag is not None
    assert (found.lag.count, found.lag.avg, found.lag.greatest) == (200, 5.0, 9.0)


def test_a_real_summary_merged_with_itself(k6_summary: dict[str, Any]) -> None:
    """Twice the same has twice the counts, and the same percentiles."""
    one = from_k6_summary(k6_summary)
    both = merged([one, one])
    assert both.ok_requests == 2 * one.ok_requests
    for name, distribution in one.latencies.items():
        for share in SHARES:
            assert both.latencies[name].quantile(share) == pytest.approx(distribution.quantile(share))
