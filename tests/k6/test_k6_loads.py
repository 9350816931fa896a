"""Open loads, one route alone and connections that are not kept, held against what a real server saw."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from k6_process import MAIN_JS, Outcome, run
from k6_server import Answer, Behaviour, Log, healthy, serving, slowed

from tripod.catalogue import k6
from tripod.catalogue.shapes import OPEN
from tripod.stats.figures import Figures, Schedule, from_k6_summary

SLO_MS = 100


def measure(tmp_path: Path, behaviour: Behaviour = healthy, **load: Any) -> tuple[Outcome, Log]:
    """Serve, load, and return what both sides saw."""

    async def both() -> tuple[Outcome, Log]:
        async with serving(behaviour) as log:
            target, summary = f"http://127.0.0.1:{log.port}", str(tmp_path / "k6.json")
            environment = k6.environment(target=target, summary=summary, **({"workload": "poc"} | load))
            return await run(MAIN_JS, environment), log

    outcome, log = asyncio.run(both())
    assert outcome.code == 0, outcome.log
    return outcome, log


def opened(tmp_path: Path, behaviour: Behaviour = healthy, **load: Any) -> tuple[Figures, Schedule, Log]:
    """Offer 60 requests/s for 2 s to 20 users, unless told otherwise."""
    usual = {"shape": OPEN, "rate": 60, "vus": 20, "slo_ms": SLO_MS, "pause_s": 0, "duration_s": 2}
    outcome, log = measure(tmp_path, behaviour, **(usual | load))
    assert outcome.summary is not None
    figures = from_k6_summary(outcome.summary)
    assert figures.schedule is not None
    return figures, figures.schedule, log


def test_an_open_load_offers_its_rate_of_requests(tmp_path: Path) -> None:
    """60 requests/s are 20 iterations/s of three: 40 in 2 s, and perhaps one in the moment of the end."""
    figures, schedule, log = opened(tmp_path)
    assert 40 <= figures.iterations <= 41
    assert figures.requests == len(log.answered) == 3 * figures.iterations
    assert schedule.dropped_iterations == 0
    assert schedule.lag is not None
    assert schedule.lag.count == figures.iterations
    assert sum(figures.ok_of_routes.values()) == figures.ok_requests


def test_a_slow_server_gets_no_fewer_requests_and_misses_the_service_level(tmp_path: Path) -> None:
    """At 150 ms an answer, all that were due begin, and none is within 100 ms."""
    figures, schedule, _ = opened(tmp_path, slowed(0.15), route="api", vus=60)
    assert 120 <= figures.iterations <= 121
    assert (schedule.within_slo, schedule.within_slo_of_send) == (0, 0)
    assert figures.failed_requests == 0


def test_iterations_without_a_user_are_dropped_and_counted(tmp_path: Path) -> None:
    """Two users with answers of 0.3 s do 7 iterations/s of 60 that are due; the others are dropped."""
    figures, schedule, _ = opened(tmp_path, slowed(0.3), route="api", vus=2)
    assert schedule.dropped_iterations > 60
    assert 120 <= figures.iterations + schedule.dropped_iterations <= 121
    # From the first drop on the numbers of iterations are too small, and the lag is too great.
    assert schedule.lag is not None
    assert schedule.lag.greatest > 1000


def test_failures_are_not_within_the_service_level(tmp_path: Path) -> None:
    """Quick errors are no answers in time."""

    def broken(path: str, number: int) -> Answer:
        return Answer(502) if path == "/api" else healthy(path, number)

    figures, schedule, log = opened(tmp_path, broken)
    assert figures.failed_requests == log.arrived.count("/api") > 0
    assert schedule.within_slo_of_send <= log.arrived.count("/")


def test_one_route_alone(tmp_path: Path) -> None:
    """Each iteration is one request of that route, without the workload's pause if the load says so."""
    outcome, log = measure(tmp_path, route="api", vus=2, duration_s=1, pause_s=0)
    assert set(log.arrived) == {"/api"}
    assert outcome.count("iterations") == len(log.arrived) > 20
    assert outcome.count(k6.OK_OF_ROUTE % "api") == outcome.count(k6.OK_IN_WINDOW)


def test_a_pause_of_the_load_replaces_the_workload_s(tmp_path: Path) -> None:
    """One user who pauses for 0.3 s does at most four iterations in a second."""
    outcome, _ = measure(tmp_path, vus=1, duration_s=1, pause_s=0.3)
    assert 1 <= outcome.count("iterations") <= 4


@pytest.mark.parametrize("kept", [True, False])
def test_connections_are_kept_or_not(tmp_path: Path, *, kept: bool) -> None:
    """With keep-alive a user connects once; without, for each request."""
    outcome, log = measure(tmp_path, vus=2, duration_s=1, keepalive=kept)
    connecting = outcome.values("http_req_connecting")
    assert (connecting["p(50)"] > 0) == (not kept)
    assert len(log.answered) > 10


def test_the_static_workload_asks_for_the_text(tmp_path: Path) -> None:
    """GET / of the quote apps, whose answer is a line of text; a page is a wrong answer."""

    def text(_path: str, _number: int) -> Answer:
        return Answer(body=b"Tripod: quotes\n")

    outcome, log = measure(tmp_path, text, workload="static", vus=2, duration_s=1)
    assert set(log.arrived) == {"/"}
    assert outcome.count(k6.OK_TOTAL) == len(log.answered) > 0
    page, _ = measure(tmp_path, workload="static", vus=1, duration_s=1)
    assert set(page.failures()) == {"wrong_answer"}
