"""Samples of a host, cut to the measured window."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from ansible.module_utils.tripod.telemetry import packing

from tripod.stats.series import Series, SeriesError, Window

S = 1_000_000
WALL = 1_700_000_000 * S
CORES = ("user", "system", "idle", "iowait", "steal")


def lines(seconds: int = 10, *, step_us: int = 0, **counters: int) -> list[list[Any]]:
    """Return a sample a second, from 100 s on the monotonic clock; counters rise by so much in each.

    The wall clock steps in the middle.
    """
    names = [*counters]
    rows: list[list[Any]] = [["trial", "a-r1", names]]
    for second in range(seconds + 1):
        time_us = (100 + second) * S
        wall_us = WALL + time_us + (step_us if second > seconds / 2 else 0)
        rows.append(["host", time_us, wall_us, 2000 * second, [n * second for n in counters.values()]])
    return rows


def service(leg: str, second: float, cpu_s: float, of: dict[str, float], **more: int) -> list[Any]:
    """Return a sample of a service."""
    sample = {"cpu_us": round(cpu_s * S), "memory_bytes": 1000, "processes": len(of), "threads": 3}
    used = {pid: round(seconds * S) for pid, seconds in of.items()}
    return ["service", round((100 + second) * S), leg, sample | more | {"of": used}]


def series(rows: list[list[Any]]) -> Series:
    """Return them as the record has them, read."""
    return Series(packing.packed(rows))


def test_counters_are_interpolated_at_the_edges() -> None:
    """Between samples a counter rises evenly; the farther of the samples around an edge is the error."""
    found = series(lines(context_switches=100))
    window = found.host.window(WALL + 102.25 * S, 5)
    assert (window.begin_us, window.seconds) == (102.25 * S, 5)
    activity = found.activity("h", window, alone=False, clock_error_s=0.01)
    assert activity.context_switches == 500
    assert activity.edge_error_s == pytest.approx(0.76)
    assert activity.host == "h"


@pytest.mark.parametrize("step_us", [-3600 * S, 3600 * S])
def test_a_step_of_the_wall_clock(step_us: int) -> None:
    """It moves neither edge, and it is told."""
    found = series(lines(step_us=step_us, context_switches=100))
    window = found.host.window(WALL + 102 * S, 6)
    activity = found.activity("h", window, alone=False, clock_error_s=0)
    assert (activity.context_switches, activity.clock_step_s) == (600, step_us / S)


@pytest.mark.parametrize(("begin_s", "length_s", "why"), [(99, 5, "began after"), (108, 5, "ended before")])
def test_samples_that_do_not_cover_the_window(begin_s: float, length_s: float, why: str) -> None:
    """Nothing is made up: it is said which edge they lack."""
    found = series(lines(context_switches=100))
    with pytest.raises(SeriesError, match=why):
        found.host.window(WALL + begin_s * S, length_s)


def test_cores_and_pressure() -> None:
    """Shares are of all that a core was seen to do; steal is busy, waiting for a disk is not."""
    spent = dict(zip(CORES, (20, 10, 50, 15, 5), strict=True))
    counters = {f"cpu0_{kind}_us": share * S // 100 for kind, share in spent.items()}
    counters |= {f"cpu1_{kind}_us": S if kind == "idle" else 0 for kind in CORES}
    found = series(lines(**counters, pressure_cpu_us=S // 4))
    activity = found.activity("h", Window(102 * S, 106 * S), alone=False, clock_error_s=0)
    assert (activity.cpus, activity.core_numbers) == (2, (0, 1))
    assert activity.core_busy == pytest.approx((0.35, 0.0))
    assert activity.core_steal == pytest.approx((0.05, 0.0))
    assert activity.core_iowait == pytest.approx((0.15, 0.0))
    assert activity.cpu_s == pytest.approx(1.2)
    assert activity.pressure_cpu == pytest.approx(0.25)
    assert found.sampler_share() == pytest.approx(0.002)


def test_what_a_host_does_not_tell_is_unknown() -> None:
    """Without PSI, TCP's counters and cores there is None, and no zero."""
    activity = series(lines()).activity("h", Window(102 * S, 106 * S), alone=False, clock_error_s=0)
    known = {"host", "seconds", "edge_error_s", "clock_step_s", "services"}
    told = {name for name, value in vars(activity).items() if value is not None}
    assert told == known


@pytest.mark.parametrize(("alone", "expected"), [(True, 70), (False, 7)])
def test_traffic(alone: bool, expected: int) -> None:  # noqa: FBT001 - a case
    """That between legs: over loopback where one host is all of them."""
    found = series(lines(loopback_received_bytes=10, network_received_bytes=1))
    activity = found.activity("h", Window(101 * S, 108 * S), alone=alone, clock_error_s=0)
    assert activity.bytes_received == expected


def test_a_service_and_its_processes() -> None:
    """A worker that was replaced in the window has its share, and is in one of the two lists."""
    rows = lines()
    for second in range(11):
        of: dict[str, float] = {"1": 0.1 * second, "2" if second < 5 else "3": 0.5 * second}
        rows.append(service("app", second, 0.6 * second, of, throttled_us=1000 * second))
    activity = series(rows).activity("h", Window(102 * S, 108 * S), alone=False, clock_error_s=0)
    app = activity.services["app"]
    assert app.cpu_s == pytest.approx(3.6)
    assert app.process_cpu_s == pytest.approx({1: 0.6, 2: 1.0, 3: 1.5})
    assert (app.pids_before, app.pids_after) == ((1, 2), (1, 3))
    assert (app.processes, app.threads, app.memory_peak_bytes) == (2, 3, 1000)
    assert app.throttled_s == pytest.approx(0.006)


def test_a_process_that_one_look_missed() -> None:
    """What was sampled after it belongs to its own time, and the process is there at the window's end."""
    rows = lines()
    for second in range(11):
        of = {"1": 0.1 * second} | ({} if second in {4, 5} else {"2": 0.5 * second})
        rows.append(service("app", second, 0.6 * second, of))
    activity = series(rows).activity("h", Window(103 * S, 110 * S), alone=False, clock_error_s=0)
    app = activity.services["app"]
    assert app.process_cpu_s == pytest.approx({1: 0.7, 2: 3.5})
    assert (app.pids_before, app.pids_after) == ((1, 2), (1, 2))


def test_a_peak_of_a_cgroup_beats_what_was_seen() -> None:
    """The kernel sees what lies between samples; other counters are as without."""
    rows = lines()
    rows += [service("app", second, 0, {"1": 0}, memory_peak_bytes=5000 + second) for second in range(11)]
    activity = series(rows).activity("h", Window(102 * S, 108 * S), alone=False, clock_error_s=0)
    assert activity.services["app"].memory_peak_bytes == 5010


def test_a_service_that_ended_in_the_window() -> None:
    """It has no CPU time there that could be compared; what was seen of it stays."""
    rows = lines()
    rows += [service("app", second, 0.5 * second, {"1": 0.5 * second}) for second in range(5)]
    activity = series(rows).activity("h", Window(102 * S, 108 * S), alone=False, clock_error_s=0)
    assert activity.services["app"].cpu_s is None
    assert activity.services["app"].processes == 1


def test_what_begins_a_moment_late_is_scaled() -> None:
    """k6's first sample may come after the window began: its rate over nine tenths of it stands for all."""
    rows = lines()
    seconds = [2.25 + 0.25 * tick for tick in range(30)]
    rows += [service("load", second, second, {"7": second}) for second in seconds]
    activity = series(rows).activity("h", Window(102 * S, 108 * S), alone=False, clock_error_s=0)
    assert activity.services["load"].cpu_s == pytest.approx(6)


@pytest.mark.parametrize(
    "packed",
    [
        "?",
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(b"[]")).decode(),
        base64.b64encode(zlib.compress(json.dumps({"host": {"monotonic_us": []}}).encode())).decode(),
        packing.packed([]),
    ],
)
def test_what_is_no_series(packed: str) -> None:
    """It is refused in words."""
    with pytest.raises(SeriesError, match=r"the samples cannot be read|there are no samples"):
        Series(packed)
