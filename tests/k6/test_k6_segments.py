"""Several real k6 processes share one load: exactly, from one time on."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from k6_process import BINARY, MAIN_JS, Outcome, run
from k6_server import Log, serving, slowed

from tripod.catalogue import k6
from tripod.catalogue.shapes import scheduled_requests
from tripod.stats.figures import from_k6_summary, merged

# k6's start, and room for a busy machine.
AHEAD_S = 2.0


def shared(tmp_path: Path, hosts: int, **load: Any) -> tuple[list[Outcome], Log, float]:
    """Let so many k6 share a load of a server that takes 20 ms; return what both saw, and the start."""
    start_at_s = round(time.time() + AHEAD_S, 3)

    async def one(host: int, port: int) -> Outcome:
        environment = k6.environment(
            target=f"http://127.0.0.1:{port}",
            workload="poc",
            summary=str(tmp_path / f"k6.{host}.json"),
            start_at_s=start_at_s,
            **load,
        )
        return await run(MAIN_JS, environment, k6.Segment(host, hosts))

    async def both() -> tuple[list[Outcome], Log]:
        async with serving(slowed(0.02)) as log:
            return list(await asyncio.gather(*(one(host, log.port) for host in range(hosts)))), log

    outcomes, log = asyncio.run(both())
    assert [outcome.code for outcome in outcomes] == [0] * hosts, [outcome.log for outcome in outcomes]
    return outcomes, log, start_at_s


def test_users_are_dealt_out_and_begin_at_the_agreed_time(tmp_path: Path) -> None:
    """Of 5 users one k6 has 3 and the other 2; together they sent what the server got, from one time on."""
    outcomes, log, start_at_s = shared(tmp_path, 2, vus=5, duration_s=1)
    assert [outcome.values("vus_max")["max"] for outcome in outcomes] == [3, 2]
    whole = merged([from_k6_summary(outcome.summary or {}) for outcome in outcomes])
    assert whole.requests == len(log.arrived) == len(log.answered)
    assert whole.ok_requests == sum(outcome.count(k6.OK_IN_WINDOW) for outcome in outcomes)
    late_ms = [outcome.values(k6.STARTED)["min"] - 1000 * start_at_s for outcome in outcomes]
    assert all(0 <= late < 500 for late in late_ms), late_ms
    # what it waited for is no iteration, and no part of the load
    for outcome in outcomes:
        assert outcome.count("iteration_duration") == outcome.count("iterations")
        assert outcome.summary is not None
        ran_ms = outcome.summary["state"]["testRunDurationMs"] - outcome.values(k6.WAITED)["max"]
        assert 1000 <= ran_ms < 2500


def test_iterations_are_dealt_out_and_keep_the_one_schedule(tmp_path: Path) -> None:
    """Three k6 begin the iterations of one open load in turn, each on time by the schedule of all."""
    load = {"shape": "constant-arrival-rate", "vus": 30, "rate": 61, "slo_ms": 400, "duration_s": 2.0}
    outcomes, log, _ = shared(tmp_path, 3, **load)
    counts = [outcome.count("iterations") for outcome in outcomes]
    whole = merged([from_k6_summary(outcome.summary or {}) for outcome in outcomes])
    # k6 may begin one more in the very moment in which the time is over
    assert 0 <= 3 * sum(counts) - scheduled_requests(61, 3, 2.0) <= 3
    assert max(counts) - min(counts) <= 1
    assert whole.schedule is not None
    assert whole.schedule.dropped_iterations == 0
    assert whole.schedule.lag is not None
    assert whole.schedule.lag.count == whole.iterations == sum(counts)
    # an iteration that counted from a schedule of its own would be seconds early or late
    assert whole.schedule.lag.quantile(0.5) < 50
    assert whole.requests == len(log.arrived)


def test_who_is_late_begins_at_once(tmp_path: Path) -> None:
    """A k6 that is told of a time that is past does not wait for the next one."""
    environment = k6.environment(
        target="http://127.0.0.1:1",
        workload="poc",
        vus=1,
        duration_s=1,
        summary=str(tmp_path / "k6.json"),
        start_at_s=time.time() - 60,
    )
    outcome = asyncio.run(run(MAIN_JS, environment))
    assert outcome.values(k6.WAITED)["max"] < 500


@pytest.mark.parametrize(
    ("hosts", "options"),
    [
        (1, []),
        (2, ["--execution-segment=1/2:1", "--execution-segment-sequence=0,1/2,1"]),
        (3, ["--execution-segment=2/3:1", "--execution-segment-sequence=0,1/3,2/3,1"]),
    ],
)
def test_the_parts_of_a_load_are_named_as_k6_names_them(hosts: int, options: list[str]) -> None:
    """One host is told nothing, the last of several its part and the edges of all."""
    command = k6.command(str(BINARY), "main.js", k6.Segment(hosts - 1, hosts))
    assert command[-1 - len(options) : -1] == options
    assert len(command) == 6 + len(options)
