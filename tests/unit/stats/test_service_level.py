"""The service level of open loads: what was due, and what of it came in time."""

from __future__ import annotations

from typing import Any

import pytest

from tripod.stats.figures import Figures, Schedule
from tripod.stats.quantiles import Distribution
from tripod.stats.service_level import Offer, offer_of, service_level

LAG = Distribution(200, 1.0, ((0.0, 0.0), (1.0, 4.0)))
OFFER = Offer(rate=60, requests_per_iteration=3, duration_s=10)


def trial(iterations: int, **schedule: Any) -> Figures:
    """Return the figures of a trial at 60 requests/s for 10 s, three requests an iteration."""
    kept = Schedule(dropped_iterations=0, within_slo=600, within_slo_of_send=600, lag=LAG)
    return Figures(
        requests=3 * iterations,
        failed_requests=0,
        failures={},
        failed_checks=0,
        iterations=iterations,
        ok_requests=3 * iterations,
        ok_requests_total=3 * iterations,
        latencies={},
        routes={},
        schedule=Schedule(**(vars(kept) | schedule)),
    )


def test_requests_that_came_in_time_are_not_missed() -> None:
    """200 iterations are due; all of their requests came in time."""
    kept = service_level([trial(200)], OFFER)
    assert kept is not None
    assert (kept.scheduled, kept.missed, kept.missed_share, kept.lag_known) == (600, 0, 0, True)
    assert kept.lag == LAG


def test_one_more_iteration_than_was_due_is_scheduled_too() -> None:
    """k6 may begin one in the moment in which the time is over: it counts on both sides."""
    kept = service_level([trial(201, within_slo=603)], OFFER)
    assert kept is not None
    assert (kept.scheduled, kept.missed) == (603, 0)


def test_whatever_did_not_come_in_time_is_missed() -> None:
    """Failed, late, or never begun by k6: of 600 that were due 540 came in time."""
    kept = service_level([trial(190, within_slo=540)], OFFER)
    assert kept is not None
    assert (kept.scheduled, kept.missed, kept.missed_share) == (600, 60, pytest.approx(0.1))


def test_where_iterations_were_dropped_lag_is_left_out() -> None:
    """What k6 says with lag is too little then; without it a bound is said, with what was dropped."""
    dropped = trial(150, dropped_iterations=50, within_slo=12, within_slo_of_send=450)
    kept = service_level([dropped], OFFER)
    assert kept is not None
    assert (kept.scheduled, kept.missed, kept.dropped_iterations) == (600, 150, 50)
    assert (kept.lag_known, kept.lag) == (False, None)


def test_trials_add_up() -> None:
    """Over trials sums are divided by sums; the lag is that of the trials in which it is known."""
    dropped = trial(150, dropped_iterations=50, within_slo=12, within_slo_of_send=450)
    kept = service_level([trial(200), dropped], OFFER)
    assert kept is not None
    assert (kept.scheduled, kept.missed_share, kept.lag_known) == (1200, pytest.approx(150 / 1200), False)
    assert kept.lag == LAG


def test_a_closed_load_has_no_service_level() -> None:
    """Nothing is due at any time: neither the plan's load nor k6's summary has one."""
    assert offer_of({"load": {"rate": None, "duration_s": 10}}) is None
    assert offer_of({"load": {"duration_s": 10}}) is None
    assert service_level([], OFFER) is None
