"""The database's side of a record, from what PostgreSQL had counted before and after the trial."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from run_files import record

from fakedb.stats import BOUNDS_NS, Stats
from tripod.runs.documents import problem_of
from tripod.trial.counted import counted, postgres
from tripod.trial.telemetry import Begin

BEFORE = {
    "opened": 3,
    "sessions": 5,
    "transactions": 100,
    "rows_returned": 1000,
    "deadlocks": 1,
    "views": 40,
    "crashed": "2030-01-01",
    "version": "18.4",
}
AFTER = BEFORE | {
    "sessions": 20,
    "transactions": 400,
    "rows_returned": 5000,
    "deadlocks": 2,
    "views": 47,
}
TOLD: dict[str, Any] = {"before": BEFORE, "after": AFTER, "active": [0, 7, 3], "statements": None}


def test_what_was_counted_in_between() -> None:
    """Differences; sessions count from the server's start, without ours, and are no transactions."""
    assert postgres(TOLD) == {
        "kind": "postgres",
        "version": "18.4",
        "transactions": 300 - 15,
        "rows_returned": 4000,
        "deadlocks": 1,
        "connections_opened": 20 - 3 - 2,
        "active_peak": 7,
        "active_samples": 3,
        "views_added": 7,
        **dict.fromkeys(("queries", "round_trips", "rows_to_client", "total_ms", "statements")),
    }
    told = postgres(TOLD | {"active": [], "statements": {"queries": 9}})
    assert told
    assert (told["active_peak"], told["queries"]) == (None, 9)


def test_what_a_crash_lost_is_not_told() -> None:
    """Statistics that a crash set back are none; nor is a database that told nothing."""
    assert postgres(TOLD | {"after": AFTER | {"crashed": "2030-01-02"}}) is None
    nothing = {"database": None, "fakedb": None}
    assert counted("postgres", None, None, 60) == counted("fakedb", None, None, 60) == nothing


def test_how_the_fake_database_kept_its_time() -> None:
    """Its own `/stats` at the end, less what the record has already; empty buckets are left out."""
    stats = Stats(sleep_ns=25_000_000, service="tripod-fakedb-db25", timer="timerfd")
    for error_ns in (80_000, 90_000, 20 * 10**9):
        stats.arrive(0)
        stats.answer(error_ns, 25_000_000 + error_ns)
    part = counted("fakedb", stats.as_json(), None, 60)
    told = part["fakedb"]
    assert part["database"] is None
    assert told
    assert (told["sleep_ms"], told["requests"], told["answered"], told["in_flight_max"]) == (25, 3, 3, 1)
    assert told["error_ms"]["early"] == 0
    assert (told["error_ms"]["min"], told["error_ms"]["max"]) == (0.08, 20_000)
    assert told["error_ms"]["quantiles"]["p50"] == 0.1
    assert told["histogram"] == {"0.1": 2, "more": 1}
    assert told["held_s"] == pytest.approx(3 * 0.025 + 20.00017)
    assert told["window"] is None
    assert problem_of(record("a-r1") | part, "record") is None


def test_the_fake_database_takes_little_of_a_record() -> None:
    """With an answer in every second bucket, early ones too, it stays below 2 kB as it is written."""
    stats = Stats(sleep_ns=25_000_000, service=None, timer="timerfd")
    for low, high in list(pairwise(BOUNDS_NS))[::2]:
        stats.latency_error.add((low + high) // 2)
    told = counted("fakedb", stats.as_json(), None, 60)
    assert len(json.dumps(told, indent=2)) < 2000


def test_how_it_kept_its_time_in_the_window() -> None:
    """A warm-up with early and late answers, then 10 s that kept their time: the window has those alone."""
    stats = Stats(sleep_ns=25_000_000, service=None, timer="timerfd")
    ahead_ns = time.time_ns() - time.monotonic_ns()
    begun_ns = time.monotonic_ns() - 20 * 10**9
    for at in range(1500):
        now_ns = begun_ns + at * 10**7
        stats.arrive(now_ns)
        stats.answer((-5_000_000 if at % 2 else 30_000_000) if at < 400 else 200_000, now_ns)
    stats_told = stats.as_json()
    moments = stats_told["moments"]
    # its clock is asked as it counts, which was a moment ago
    moments["wall_us"] = [moments["monotonic_us"][0] + ahead_ns // 1000, *moments["monotonic_us"][1:]]
    begin_us = (begun_ns + ahead_ns) / 1000
    part = counted("fakedb", stats_told, Begin(begin_us + 4_500_000, 0.001), 10)
    assert problem_of(record("a-r1") | part, "record") is None
    assert part["fakedb"]
    assert part["fakedb"]["error_ms"]["early"] == 200
    window = part["fakedb"]["window"]
    assert window
    assert (window["seconds"], window["early"]) == (10, 0)
    assert window["answered"] == pytest.approx(1000, abs=20)
    assert window["mean_ms"] == pytest.approx(0.2)
    assert list(window["histogram"]) == ["0.25"]
    assert 0.001 < window["edge_error_s"] < 0.25
    for begin_s in (-1, 11):  # one that began before it counted, and one that ends after
        told = counted("fakedb", stats_told, Begin(begin_us + begin_s * 1e6, 0), 10)["fakedb"]
        assert told
        assert told["window"] is None
