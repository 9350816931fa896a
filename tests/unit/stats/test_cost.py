"""What requests cost, from the activity of trials."""

from __future__ import annotations

import pytest

from tripod.stats.activity import Activity, ServiceActivity
from tripod.stats.cost import Watched, cost


def watched(ok_requests: int, app_cpu_s: float | None, *, peak: int = 100, opened: int | None = 7) -> Watched:
    """Return a trial of 10 s on a host of two cores that is all legs."""
    services = {
        "app": ServiceActivity(
            cpu_s=app_cpu_s,
            processes=3,
            threads=5,
            memory_peak_bytes=peak,
            process_cpu_s={1: 0.1, 2: app_cpu_s or 0.0},
        ),
        "load": ServiceActivity(cpu_s=2.0),
        "db": ServiceActivity(cpu_s=0.5),
    }
    host = Activity(host="h", seconds=10.0, cpus=2, connections_opened=opened, services=services)
    return Watched(dict.fromkeys(("load", "app", "db"), host), ok_requests)


def test_sums_over_sums() -> None:
    """CPU per request is all CPU over all requests; peaks are those of any trial, connections are summed."""
    found = cost([watched(1000, 1.0, peak=100), watched(3000, 5.0, peak=300)])
    assert found == {
        "app_cpu_ms_per_request": pytest.approx(1.5),
        "db_cpu_ms_per_request": pytest.approx(0.25),
        "app_cpu_share": pytest.approx(6 / 40),
        "app_busiest_process_share": pytest.approx(6 / 20),
        "app_memory_peak_bytes": 300,
        "app_processes": 3,
        "app_threads": 5,
        "load_cpu_share": pytest.approx(4 / 40),
        "connections_opened": 14,
    }


def test_trials_that_do_not_know_a_figure_are_left_out_with_their_requests() -> None:
    """The others tell the cost; a trial without telemetry does not make it look cheaper."""
    lacking = Watched({}, 5000)
    found = cost([watched(1000, 2.0), watched(3000, None, opened=None), lacking])
    assert found
    assert found["app_cpu_ms_per_request"] == pytest.approx(2.0)
    assert found["connections_opened"] == 7


def test_nothing_known_is_nothing_said() -> None:
    """Without telemetry there is no cost; without requests none per request."""
    assert cost([Watched({}, 100)]) is None
    assert cost([]) is None
    found = cost([watched(0, 1.0)])
    assert found
    assert found["app_cpu_ms_per_request"] is None
