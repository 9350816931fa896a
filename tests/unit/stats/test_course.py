"""How busy a host and its services were in the course of a trial."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.tripod.telemetry import packing

from tripod.stats import course
from tripod.stats.series import Series, Window

S = 1_000_000
WINDOW = Window(102 * S, 108 * S)


def series(rows: list[list[Any]], names: list[str]) -> Series:
    """Return samples as the record has them, read."""
    return Series(packing.packed([["trial", "a-r1", names], *rows]))


def host(second: float, *counters: float) -> list[Any]:
    """Return a sample of the host; counters are in s."""
    at_us = round((100 + second) * S)
    return ["host", at_us, at_us, 0, [round(counter * S) for counter in counters]]


def service(second: float, cpu_s: float) -> list[Any]:
    """Return a sample of the app's service."""
    return ["service", round((100 + second) * S), "app", {"cpu_us": round(cpu_s * S), "of": {"7": 0}}]


CORE = ["cpu0_user_us", "cpu0_steal_us", "cpu0_idle_us", "cpu1_user_us", "cpu1_steal_us", "cpu1_idle_us"]


def test_shares_are_of_all_cores_between_samples() -> None:
    """Used and stolen time of both cores over the time between; the window's begin is 0."""
    found = series([host(0, *[0] * 6), host(1, 0.5, 0.25, 0.25, 0.25, 0, 0.75), host(3, *[0.5] * 6)], CORE)
    busy = course.of_host(found, WINDOW)
    assert busy is not None
    assert busy.seconds == (-1.0, 1.0)
    assert busy.shares == pytest.approx((0.5, 0.25))


def test_services_are_shares_of_all_cores() -> None:
    """A counter that falls, as when a process has ended unseen, has not risen."""
    rows = [host(0, *[0] * 6), service(0, 0), service(0.5, 0.5), service(1, 0.25), service(2, 1.25)]
    found = course.of_services(series(rows, CORE), WINDOW)
    assert found["app"].seconds == (-1.5, -1.0, 0.0)
    assert found["app"].shares == pytest.approx((0.5, 0.0, 0.5))


def test_where_nobody_counted_the_cores() -> None:
    """There is nothing, and nothing is made up."""
    found = series([host(0, 0), host(1, 5), service(0, 0), service(1, 1)], ["context_switches"])
    assert course.of_host(found, WINDOW) is None
    assert course.of_services(found, WINDOW) == {}


def test_a_day_of_samples_is_thinned() -> None:
    """At most some hundred points are left, over the whole time, and none of it is lost."""
    rows = [host(second, *[second / 4] * 6) for second in range(3_000)]
    busy = course.of_host(series(rows, CORE), WINDOW)
    assert busy is not None
    assert len(busy.seconds) < 130
    assert busy.shares == pytest.approx((0.5,) * len(busy.shares))
    assert busy.seconds[-1] > 2_900
