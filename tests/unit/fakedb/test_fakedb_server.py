"""The server over real sockets: answers, order, latency, and what may be in flight."""

import asyncio
import gc
import json
import os
import socket
import weakref
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from fakedb_wire import GET, connect, database, on_uvloop, until

from fakedb.connection import Connection
from fakedb.deadlines import LoopAlarm, platform_alarm
from fakedb.reader import Limits, RequestReader


def get(target: str) -> bytes:
    """Return a GET request."""
    return f"GET {target} HTTP/1.1\r\nHost: db\r\n\r\n".encode()


@on_uvloop
async def test_a_value_is_random_json_on_a_kept_connection() -> None:
    """Every answer is a 200 with one integer, values differ, and one connection serves them all."""
    async with database() as db, connect(db) as wire:
        answers = [await wire.ask() for _ in range(20)]
        assert {answer.status for answer in answers} == {200}
        assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
        values = [answer.content["value"] for answer in answers]
        assert all(isinstance(value, int) for value in values)
        assert len(set(values)) > 15
        assert {len(answer.body) for answer in answers} == {len('{"value": 1000000000}')}
        assert db.stats.connections_total == 1


@on_uvloop
async def test_head_has_the_headers_and_no_body() -> None:
    """HEAD is answered with the length of the body that GET has; the next answer follows directly."""
    async with database() as db, connect(db) as wire:
        await wire.send(b"HEAD /value HTTP/1.1\r\n\r\n" + GET)
        head = await wire.answer(body=False)
        assert head.headers["content-length"] == str(len((await wire.answer()).body))


@pytest.mark.parametrize(
    ("request_bytes", "connection"),
    [
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "close"),
        (b"GET / HTTP/1.0\r\n\r\n", "close"),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive"),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "keep-alive"),
    ],
)
@on_uvloop
async def test_the_client_decides_about_the_connection(request_bytes: bytes, connection: str) -> None:
    """The answer says what becomes of the connection, and that is what becomes of it."""
    async with database(1) as db, connect(db) as wire:
        answer = await wire.ask(request_bytes)
        assert (answer.status, answer.headers["connection"]) == (200, connection)
        if connection == "close":
            assert await wire.closed_by_server()
        else:
            assert (await wire.ask()).status == 200


@pytest.mark.parametrize("alarm", [platform_alarm, LoopAlarm])
@on_uvloop
async def test_no_answer_is_early_however_many_are_in_flight(alarm: Callable[..., LoopAlarm]) -> None:
    """100 connections with 20 requests in flight on each: no answer before 100 ms, by either side's clock."""
    per_connection, connections = 20, 100

    async def client() -> float:
        async with connect(db) as wire:
            began = perf_counter()
            await wire.send(GET * per_connection)
            await wire.answer()
            fastest = perf_counter() - began
            for _ in range(per_connection - 1):
                await wire.answer()
            return fastest

    async with database(100, alarm=alarm) as db:
        fastest = min(await asyncio.gather(*(client() for _ in range(connections))))
        shown = db.stats.as_json()
    assert fastest >= 0.1
    assert shown["latency_error_ms"]["min"] >= 0
    assert shown["latency_error_ms"]["early"] == 0
    assert (
        shown["requests"]
        == shown["answered"]
        == shown["latency_error_ms"]["count"]
        == per_connection * connections
    )
    # All wait at the same time: the latency is not spent one request after the other.
    assert shown["in_flight_max"] > per_connection * connections // 2


@on_uvloop
async def test_a_request_may_override_the_latency_either_way() -> None:
    """`?sleep=` makes a slow server quick and a quick one slow, for that request only."""
    async with database(60_000) as db, connect(db) as wire:
        began = perf_counter()
        await wire.ask(get("/value?sleep=0"))
        await wire.ask(get("/value?sleep=20.5"))
        assert 0.0205 <= perf_counter() - began < 30
    async with database() as db, connect(db) as wire:
        began = perf_counter()
        await wire.ask(get("/value?sleep=30"))
        assert perf_counter() - began >= 0.03
        assert db.stats.as_json()["latency_error_ms"]["min"] >= 0


@on_uvloop
async def test_a_bad_override_is_a_400_and_the_connection_lives() -> None:
    """The answer names parameter, value and what is allowed; it is no request for a value."""
    async with database() as db, connect(db) as wire:
        answer = await wire.ask(get("/value?sleep=abc"))
        assert answer.status == 400
        assert answer.content["error"].startswith(
            "sleep 'abc' is not allowed; allowed: a number of milliseconds"
        )
        assert (await wire.ask()).status == 200
        assert (db.stats.requests, dict(db.stats.errors)) == (1, {400: 1})


@on_uvloop
async def test_pipelined_requests_are_answered_in_order() -> None:
    """A quick request behind a slow one waits for it, errors and statistics included."""
    async with database() as db, connect(db) as wire:
        await wire.send(
            get("/?sleep=60") + get("/?sleep=0") + get("/?sleep=x") + get("/stats") + get("/?sleep=20")
        )
        answers = [await wire.answer() for _ in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 400, 200, 200]
        assert answers[3].content["answered"] == 2
        # What waited for its turn is late by the wait, and the histogram says so.
        assert answers[3].content["latency_error_ms"]["max"] >= 60


@on_uvloop
async def test_an_answer_does_not_pull_the_later_ones_along() -> None:
    """Of pipelined requests with rising latencies none is answered before its own time."""
    async with database() as db, connect(db) as wire:
        began = perf_counter()
        await wire.send(get("/?sleep=0") + get("/?sleep=40") + get("/?sleep=80"))
        for at_least in (0, 0.04, 0.08):
            await wire.answer()
            assert perf_counter() - began >= at_least
        assert db.stats.as_json()["latency_error_ms"]["early"] == 0


@on_uvloop
async def test_more_pipelined_requests_than_the_limit_are_all_answered() -> None:
    """Beyond the limit the client is not read from for a while, and loses nothing by it."""
    async with database(400, limits=Limits(pipelined=10)) as db, connect(db) as wire:
        sending = asyncio.create_task(wire.send(GET * 20_000))
        assert {(await wire.answer()).status for _ in range(20_000)} == {200}
        await sending
        assert db.stats.answered == 20_000
        assert db.stats.in_flight_max < 10_000  # what one read may bring: 256 KiB


@on_uvloop
async def test_a_client_that_reads_nothing_is_not_read_from() -> None:
    """Answers to a client that never reads do not pile up without end: no more requests are taken from it."""
    async with database() as db, connect(db) as wire:
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined] # asyncio's stubs lack it
        sending = asyncio.create_task(wire.send(GET * 200_000))
        seen = -1
        while seen != db.stats.requests:
            seen = db.stats.requests
            await asyncio.sleep(0.2)
        assert 0 < seen < 200_000
        async with connect(db) as other:
            assert (await other.ask()).status == 200
        wire.writer.transport.resume_reading()  # type: ignore[attr-defined] # asyncio's stubs lack it
        for _ in range(200_000):
            await wire.answer()
        await sending


@on_uvloop
async def test_stats_answer_at_once_and_count_nothing() -> None:
    """While requests wait, `/stats` answers immediately, shows them in flight, and is itself no request."""
    async with database(800) as db, connect(db) as wire, connect(db) as observer:
        await wire.send(GET * 3)
        while (shown := (await observer.ask(get("/stats"))).content)["requests"] < 3:
            pass
        assert (shown["in_flight"], shown["in_flight_max"], shown["answered"]) == (3, 3, 0)
        assert (shown["pid"], shown["sleep_ms"], shown["service"]) == (os.getpid(), 800, None)
        assert shown["uptime_s"] >= 0
        for _ in range(3):
            await wire.answer()
        shown = (await observer.ask(get("/stats"))).content
        assert (shown["requests"], shown["in_flight"], shown["in_flight_max"], shown["answered"]) == (
            3,
            0,
            3,
            3,
        )
        assert (shown["connections"], shown["connections_total"]) == (2, 2)
        assert sum(shown["latency_error_ms"]["counts"]) == 3
        assert shown["latency_error_ms"]["min"] >= 0


@on_uvloop
async def test_stats_can_be_zeroed_by_post_only() -> None:
    """`POST /stats/reset` zeroes the counters; a GET of it is a 405 and does not."""
    async with database() as db, connect(db) as wire:
        await wire.ask()
        assert (await wire.ask(get("/stats/reset"))).status == 405
        assert (await wire.ask(get("/stats"))).content["requests"] == 1
        assert (await wire.ask(b"POST /stats/reset HTTP/1.1\r\nContent-Length: 0\r\n\r\n")).content == {
            "reset": True
        }
        shown = (await wire.ask(get("/stats"))).content
        assert (shown["requests"], shown["answered"], shown["errors"], shown["in_flight_max"]) == (
            0,
            0,
            {},
            0,
        )
        assert shown["latency_error_ms"]["count"] == 0


@on_uvloop
async def test_a_client_that_breaks_off_is_abandoned_and_nobody_else_notices() -> None:
    """Requests of a client that resets its connection are counted as abandoned; others get their answers."""
    async with database(50) as db, connect(db) as wire:
        async with connect(db) as leaver:
            await leaver.send(GET * 4)
            await wire.send(GET)
            await until(lambda: db.stats.in_flight == 5)
            leaver.reset()
        assert (await wire.answer()).status == 200
        assert (db.stats.answered, db.stats.abandoned, db.stats.in_flight) == (1, 4, 0)
        assert db.stats.connections == 1


@on_uvloop
async def test_a_half_closed_client_still_gets_its_answers() -> None:
    """A client that says it will send no more is answered, then the connection ends."""
    async with database(20) as db, connect(db) as wire:
        await wire.send(GET * 2)
        wire.writer.write_eof()
        assert [(await wire.answer()).status for _ in range(2)] == [200, 200]
        assert await wire.closed_by_server()


@on_uvloop
async def test_connections_free_their_memory_without_the_collector() -> None:
    """A closed connection leaves no reference cycle: runs with many short connections do not grow."""
    gc.collect()
    gc.disable()
    try:
        async with database() as db:
            async with connect(db) as wire:
                await wire.ask()
                kinds = (Connection, RequestReader)
                parts = [weakref.ref(found) for found in gc.get_objects() if isinstance(found, kinds)]
                assert len(parts) == len(kinds)
            await until(lambda: not db.stats.connections)
            await asyncio.sleep(0.01)
            assert [part() for part in parts] == [None, None]
    finally:
        gc.enable()


@on_uvloop
async def test_answers_leave_without_delay_and_many_may_wait_to_connect() -> None:
    """TCP_NODELAY is on for accepted connections, and the backlog is all that the kernel allows."""
    async with database() as db, connect(db) as wire:
        await wire.ask()
        (connection,) = db._shared.connections  # noqa: SLF001 - socket options show nowhere else
        assert connection._transport is not None  # noqa: SLF001
        accepted = connection._transport.get_extra_info("socket")  # noqa: SLF001
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        listener = db._server.sockets[0]  # noqa: SLF001
        if hasattr(socket, "TCP_INFO"):  # Linux: tcpi_sacked holds a listener's backlog
            backlog = int.from_bytes(
                listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)[28:32], "little"
            )
            allowed = Path("/proc/sys/net/core/somaxconn").read_text(encoding="ascii")  # noqa: ASYNC240 - a test
            assert backlog == min(65_535, int(allowed))


@on_uvloop
async def test_a_stats_body_is_what_json_says() -> None:
    """The statistics are strict JSON (no NaN), with the histogram's bounds beside its counts."""
    async with database() as db, connect(db) as wire:
        await wire.ask()
        body = (await wire.ask(get("/stats"))).body

        def refuse(constant: str) -> None:
            pytest.fail(f"{constant} is not JSON")

        shown = json.loads(body, parse_constant=refuse)["latency_error_ms"]
        assert len(shown["counts"]) == len(shown["bounds"]) + 1
