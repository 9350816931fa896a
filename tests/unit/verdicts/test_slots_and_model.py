"""Slots by command and by what the database saw, and the rate that slots, CPU and load explain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from activity_fixtures import activity
from evidence_made import SAME_KERNEL, TOGETHER, evidence
from run_files import counted, fakedb

from tripod.catalogue.servers import keeps_connections, slots_of
from tripod.verdicts import model, slots, work


@pytest.mark.parametrize(
    ("command", "mode", "each"),
    [
        ("gunicorn -w 2 sync_app:app", "sync", 1),
        ("gunicorn -w 2 --threads 8 sync_app:app", "sync", 8),
        ("gunicorn -k gthread --threads=4 sync_app:app", "sync", 4),
        ("gunicorn -k gevent sync_app:app", "sync", 1000),
        ("gunicorn -k gevent --worker-connections 50 sync_app:app", "sync", 50),
        ("uvicorn def_app:app", "sync", 40),
        ("uvicorn async_app:app", "async", None),
        ("uvicorn of_a_user:app", "sync", None),
        ("gunicorn -k uvicorn_worker.UvicornWorker async_app:app", "async", None),
        ("granian --interface wsgi --blocking-threads 15 django_pooled:wsgi", "sync", 15),
        ("granian --interface wsgi sync_app:app", "sync", None),
        ("granian --interface asgi async_app:app", "async", None),
        ("gunicorn --threads 999999999999 app:app", "sync", 1),
        ("gunicorn 'app", "sync", 1),
        ("", "async", None),
    ],
)
def test_what_a_command_says_of_a_workers_slots(command: str, mode: str, each: int | None) -> None:
    """Threads, greenlets or an app's thread pool bound a worker; else it takes what comes."""
    assert slots_of(command, mode) == each


@pytest.mark.parametrize(
    ("command", "keeps"),
    [
        ("gunicorn app:app", False),
        ("gunicorn --threads 2 app:app", True),
        ("gunicorn -k gthread app:app", True),
        ("uvicorn app:app", True),
    ],
)
def test_only_gunicorns_sync_worker_closes_connections(command: str, *, keeps: bool) -> None:
    """With threads gunicorn takes gthread for sync."""
    assert keeps_connections(command) is keeps


def test_a_pool_bounds_what_threads_would_allow() -> None:
    """Two workers of 40 threads with pools of 15 connections have 30 slots."""
    planned = {"command": "uvicorn x:app", "mode": "sync", "pool": {"min": 5, "max": 15}}
    assert slots.claimed_by(evidence(workers=2, planned=planned)) == 30


def test_what_blocks_its_event_loop_has_the_slots_that_the_database_saw() -> None:
    """Nothing bounds an async command; where of ten users one was ever at the database, that is its limit."""
    blocking = evidence(stack="async-uvicorn", told={"fakedb": fakedb(2000, in_flight_max=1)})
    free = evidence(stack="async-uvicorn", told={"fakedb": fakedb(2000, in_flight_max=6)})
    assert (slots.claimed_by(blocking), slots.seen_in(blocking), slots.limit_of(blocking)) == (None, 1, 1)
    assert (slots.seen_in(free), slots.limit_of(free)) == (6, None)


def test_samples_of_postgresql_are_shown_and_limit_nothing() -> None:
    """The greatest of samples is no maximum."""
    told = {"fakedb": None, "database": counted(2000, active_peak=1)}
    planned = {"database": "postgres", "db_sleep_ms": None}
    found = evidence(stack="async-uvicorn", told=told, planned=planned)
    assert (slots.seen_in(found), slots.limit_of(found)) == (1, None)


def test_slots_that_exceed_the_users_limit_nothing() -> None:
    """Forty threads cannot be short for ten users."""
    assert slots.limit_of(evidence(planned={"command": "uvicorn x:app", "mode": "sync"})) is None


def test_slots_in_use_are_the_requests_that_are_there() -> None:
    """With seven of ten users there on average one slot is never idle, and of eight slots some are."""
    idle = activity(app=0.05, app_workers=(0.1,))
    one = evidence(rps=76, duration_ms=95, activity=idle)
    assert slots.occupancy(one, one.trials[0]) == pytest.approx(1.0, abs=0.001)
    eight = evidence(rps=76, duration_ms=95, planned={"command": "gunicorn --threads 8 x:app"}, activity=idle)
    assert slots.occupancy(eight, eight.trials[0]) == pytest.approx(0.88, abs=0.02)


def test_the_model_is_the_least_of_its_bounds() -> None:
    """One slot, 25.1 ms for each third request, 8 ms of CPU for each: 61.1/s; its CPU allows 125."""
    found = evidence(rps=100, activity=activity(app=0.4))
    bounds = {bound.by: bound.rps for bound in model.bounds(found)}
    calls = ((6000 + 500) // 3) / 6500
    assert bounds == pytest.approx(
        {"slots": 1 / (calls * 0.0251 + 0.008), "CPU": 1 / 0.008, "load": 10 / (10 / 240 + 0.008)}
    )
    assert model.rps(found) == bounds["slots"]


def test_what_a_request_costs_is_one_figure_everywhere() -> None:
    """Over trials of different rates the model takes the CPU per request that the column shows."""
    slow, fast = (evidence(rps=rps, activity=activity(app=0.4)) for rps in (50, 100))
    found = replace(slow, trials=(*slow.trials, *fast.trials))
    assert found.cost
    for leg in ("app", "db"):
        told = work.per_request(found, f"{leg}_cpu_s")
        assert told == pytest.approx(found.cost[f"{leg}_cpu_ms_per_request"] / 1000)


def test_shared_cores_serve_all_legs() -> None:
    """On one host two cores serve app, k6 and database: 8 + 2 + 1 ms of CPU for each request."""
    found = evidence(rps=100, workers=2, activity=activity(app=0.4), separations=TOGETHER)
    assert {bound.by: bound.rps for bound in model.bounds(found)}["CPU"] == pytest.approx(2 / 0.011)


def test_hosts_of_one_kernel_may_have_cores_of_their_own() -> None:
    """Cores that telemetry shows to be the app host's alone serve the app; k6 shares the database's."""
    kept = {"load": (0,), "app": (1, 2), "db": (0,)}
    did = {leg: replace(host, core_numbers=kept[leg]) for leg, host in activity(app=0.4).items()}
    found = evidence(rps=100, workers=2, activity=did, separations=SAME_KERNEL)
    assert (found.apart("app", "load", "db"), found.apart("load", "db")) == (True, False)
    assert {bound.by: bound.rps for bound in model.bounds(found)}["CPU"] == pytest.approx(2 / 0.008)
    unknown = evidence(rps=100, workers=2, activity=activity(app=0.4), separations=SAME_KERNEL)
    assert not unknown.apart("app", "load")


def test_without_telemetry_there_is_no_model() -> None:
    """Nothing tells what a request costs."""
    assert model.rps(evidence()) is None
