"""How k6 ends: refused variables, an app that is gone, and what must not end it."""

import asyncio
import contextlib
import json
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from k6_process import BINARY, MAIN_JS, ROOT, Outcome, load, run
from k6_server import UNDER_LOAD, Answer, healthy, serving

from tripod.catalogue import k6

GOOD = k6.environment(target="http://127.0.0.1:9", workload="poc", vus=1, duration_s=1, summary="/dev/null")


def test_the_installed_k6_is_one_that_works() -> None:
    """What the real binary prints as its version is read and accepted."""
    printed = subprocess.run([BINARY, "version"], check=True, capture_output=True, text=True).stdout
    assert k6.check_version(printed).major in k6.SUPPORTED_MAJORS


def test_a_k6_may_have_any_name(tmp_path: Path) -> None:
    """The real binary in a file of another name says that name, and is understood."""
    named = tmp_path / "load-k6-2.2"
    shutil.copy2(BINARY, named)
    shown = subprocess.run([named, "version"], check=True, capture_output=True, text=True).stdout
    named.unlink()
    assert shown.startswith("load-k6-2")
    assert k6.problem({"rc": 0, "stdout": shown}, str(named), None) == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"TRIPOD_VUS": "ten"}, ["TRIPOD_VUS is 'ten'", "a whole number"]),
        ({"TRIPOD_DURATION_S": "60s"}, ["TRIPOD_DURATION_S is '60s'", "seconds"]),
        ({"TRIPOD_WORKLOAD": "pok"}, ["TRIPOD_WORKLOAD is 'pok'", "one of: poc, quote, quote-view"]),
        ({"TRIPOD_TARGET": "127.0.0.1"}, ["TRIPOD_TARGET is '127.0.0.1'", "http://ADDRESS:PORT"]),
        ({"TRIPOD_SUMMARY": ""}, ["TRIPOD_SUMMARY is ''", "path"]),
        ({"TRIPOD_WARMUP": "5"}, ["TRIPOD_WARMUP is '5'", "no such variable", "TRIPOD_DURATION_S"]),
        ({"TRIPOD_TARGET": None, "TRIPOD_VUS": None}, ["TRIPOD_TARGET is missing", "TRIPOD_VUS is missing"]),
    ],
    ids=["vus", "duration", "workload", "target", "summary", "unknown", "missing"],
)
def test_bad_variables_are_refused_before_any_request(
    changes: dict[str, str | None], told: list[str]
) -> None:
    """k6 exits with 107 and its log names the variable, the value found and what is allowed."""
    env = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    outcome = asyncio.run(run(MAIN_JS, env))
    assert outcome.code == 107
    assert not [text for text in told if text not in outcome.log], outcome.log
    assert "Request Failed" not in outcome.log


@pytest.mark.parametrize("name", ["a checkout", "50% ünd #1?"])
@pytest.mark.parametrize("workload", ["poc", "quote"])
def test_the_checkout_may_have_any_path(tmp_path: Path, name: str, workload: str) -> None:
    """From a directory with a space or signs in its name the scripts load and measure as from any other."""
    copied = tmp_path / name / "k6"
    shutil.copytree(ROOT / "k6", copied)

    async def measure() -> Outcome:
        async with serving() as log:
            target = {"TRIPOD_TARGET": f"http://127.0.0.1:{log.port}", "TRIPOD_WORKLOAD": workload}
            return await run(copied / "main.js", {**GOOD, **target, "TRIPOD_SUMMARY": str(tmp_path / "s")})

    outcome = asyncio.run(measure())
    assert (outcome.code, outcome.log) == (0, "")
    assert outcome.count(k6.OK_TOTAL) > 0


@contextlib.asynccontextmanager
async def killable_app() -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Start the test's app as a process of its own; yields it and its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("k6_server.py")), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield process, int(await process.stdout.readline())
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.mark.parametrize("vus", [1, 50])
def test_a_killed_app_aborts_the_run(tmp_path: Path, vus: int) -> None:
    """Soon after kill -9: exit code 108, the reason in the log, a summary, and no spinning."""

    async def kill_midway() -> tuple[Outcome, float]:
        async with killable_app() as (app, port):
            running = asyncio.create_task(load(port, tmp_path, vus=vus, duration_s=30))
            assert app.stdout is not None
            await app.stdout.readline()  # under load
            app.kill()
            killed = time.monotonic()
            return await running, time.monotonic() - killed

    outcome, took_s = asyncio.run(kill_midway())
    assert outcome.code == k6.APP_GONE_EXIT
    assert "test aborted: app-gone: " in outcome.log
    assert took_s < 20  # the run had more than 25 s to go
    assert outcome.count(k6.OK_IN_WINDOW) > 0
    # Each user fails at most once before its first refusal, and twice a second after it.
    assert 0 < outcome.count(k6.FAILED) <= (2 + 2 * took_s) * vus
    # A user that is aborted between k6's count and ours is in k6's only.
    assert 0 <= outcome.values("http_req_failed")["passes"] - outcome.count(k6.FAILED) <= vus


def test_an_app_that_was_never_there_aborts_even_the_shortest_run(tmp_path: Path) -> None:
    """A warm-up of one second against a closed port already tells that the app is gone."""
    with (
        socket.socket() as reserved
    ):  # bound but not listening: connections are refused, nobody else gets the port
        reserved.bind(("127.0.0.1", 0))
        outcome = asyncio.run(load(reserved.getsockname()[1], tmp_path))
    assert outcome.code == k6.APP_GONE_EXIT
    assert outcome.count(k6.OK_TOTAL) == 0
    assert set(outcome.failures()) == {"refused"}


def test_an_app_that_drops_connections_does_not_abort(tmp_path: Path) -> None:
    """Resets are failures of requests; the port is still served. And k6 does not spin on them."""

    async def reset_all() -> tuple[Outcome, int]:
        dropped = 0

        async def drop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal dropped
            dropped += 1
            writer.transport.abort()

        server = await asyncio.start_server(drop, "127.0.0.1", 0)
        async with server:
            outcome = await load(server.sockets[0].getsockname()[1], tmp_path, vus=5, duration_s=2)
            return outcome, dropped

    outcome, dropped = asyncio.run(reset_all())
    assert outcome.code == 0, outcome.log
    assert outcome.count(k6.FAILED) == outcome.count("http_reqs") > 5
    assert set(outcome.failures()) == {"broken"}
    assert dropped <= 5 * 2 * 6


def test_a_full_accept_queue_does_not_abort(tmp_path: Path) -> None:
    """Connections that wait for a full queue are slow, not refused: they show in http_req_blocked."""

    async def accept_late() -> Outcome:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
            port = listening.getsockname()[1]
            running = asyncio.create_task(load(port, tmp_path, vus=6, duration_s=3))
            await asyncio.to_thread(select.select, [listening], [], [])  # the first has come
            await asyncio.sleep(1.5)
            async with serving(healthy, listening):
                return await running

    outcome = asyncio.run(accept_late())
    assert outcome.code == 0, outcome.log
    assert outcome.values("http_req_blocked")["max"] > 900
    assert outcome.count(k6.OK_TOTAL) > 0
    assert outcome.count(k6.FAILED) == 0


def test_a_slow_app_that_answers_502_does_not_abort(tmp_path: Path) -> None:
    """502 after half a second, from the first request to the last, is a result."""

    async def slow() -> Outcome:
        async with serving(lambda *_: Answer(502, delay_s=0.5)) as log:
            return await load(log.port, tmp_path, vus=3)

    outcome = asyncio.run(slow())
    assert outcome.code == 0, outcome.log
    assert outcome.count(k6.FAILED) == outcome.count("http_reqs") > 0


def test_two_k6_run_at_once_on_one_host(tmp_path: Path) -> None:
    """Neither finds the other in its way: both exit 0 with a clean log and a summary of their own."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()

    async def twice() -> tuple[Outcome, Outcome]:
        async with serving() as log:
            return await asyncio.gather(
                load(log.port, tmp_path / "one"), load(log.port, tmp_path / "two", vus=2)
            )

    one, two = asyncio.run(twice())
    assert (one.code, one.log, one.stdout) == (two.code, two.log, two.stdout) == (0, "", "")
    assert 0 < one.count("iterations") < two.count("iterations")


def test_a_stopped_k6_still_writes_its_summary(tmp_path: Path) -> None:
    """SIGTERM ends k6 with 105, and what it measured so far is there."""
    summary = tmp_path / "k6.json"

    async def stop() -> int:
        async with serving() as log:
            target = {"TRIPOD_TARGET": f"http://127.0.0.1:{log.port}", "TRIPOD_DURATION_S": "30"}
            process = await asyncio.create_subprocess_exec(
                *k6.command(str(BINARY), str(MAIN_JS)),
                env={**GOOD, **target, "TRIPOD_SUMMARY": str(summary)},
                stderr=asyncio.subprocess.DEVNULL,
            )
            await log.under_load.wait()
            process.terminate()
            return await process.wait()

    assert asyncio.run(stop()) == 105
    ok = json.loads(summary.read_text())["metrics"][k6.OK_IN_WINDOW]["values"]["count"]
    assert ok >= UNDER_LOAD // 2  # the last are under way
