"""Bad clients over real sockets: each gets its status and a closed connection, and nobody else notices."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

import pytest
from fakedb_wire import GET, Wire, connect, database, on_uvloop, until

from fakedb.connection import Answer
from fakedb.reader import Limits
from fakedb.server import FakeDB

LIMITS = Limits(head_bytes=1_000, body_bytes=2_000, request_timeout_s=0.2, linger_s=0.3)


@asynccontextmanager
async def undisturbed(db: FakeDB) -> AsyncIterator[None]:
    """Ask for values on another connection all the while: each is a 200, and none is early."""
    asked, stop = 0, asyncio.Event()

    async def neighbour() -> None:
        nonlocal asked
        async with connect(db) as wire:
            while not stop.is_set():
                began = perf_counter()
                assert (await wire.ask()).status == 200
                assert perf_counter() - began >= 0.002
                asked += 1

    task = asyncio.create_task(neighbour())
    yield
    before = asked
    await until(lambda: asked >= before + 3 or task.done())  # it is still being served after the fault
    stop.set()
    await task


async def refused(wire: Wire, status: int) -> None:
    """Read the refusal and the end of the connection."""
    answer = await wire.answer()
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    assert answer.content["error"]
    assert await wire.closed_by_server()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"CONNECT db:80 HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"a" * 2_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500, 431),
        (b"POST / HTTP/1.1\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9_000, 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 9000\r\n\r\n", 413),  # nothing of the body was sent
        (b"GET / HTTP/1.1\r\ncontent-length:9000\r\nExpect: 100-continue\r\n\r\n", 413),
        (b"GET / HTT", 408),
        (b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc", 408),
    ],
)
@on_uvloop
async def test_bad_input_is_refused_and_disturbs_nobody(sent: bytes, status: int) -> None:
    """Malformed, oversized and stalled input gets its status, the connection ends, the neighbour goes on."""
    async with database(2, limits=LIMITS) as db, undisturbed(db), connect(db) as wire:
        await wire.send(sent)
        await refused(wire, status)
        assert dict(db.stats.errors) == {status: 1}


@on_uvloop
async def test_requests_before_the_bad_one_are_answered_first() -> None:
    """What was asked properly is answered properly, in time and in order, then comes the refusal."""
    async with database(30, limits=LIMITS) as db, connect(db) as wire:
        began = perf_counter()
        await wire.send(GET * 2 + b"nonsense\r\n\r\n")
        assert [(await wire.answer()).status for _ in range(2)] == [200, 200]
        assert perf_counter() - began >= 0.03
        await refused(wire, 400)


@on_uvloop
async def test_trickling_bytes_do_not_extend_the_time() -> None:
    """A request that comes a byte at a time is refused once its time is over, though bytes still come."""
    async with database(limits=LIMITS) as db, connect(db) as wire:

        async def trickle() -> None:
            for i in range(200):
                await wire.send(b"GET / HTTP/1.1\r\nX: " if not i else b"a")
                await asyncio.sleep(0.02)

        began, trickling = perf_counter(), asyncio.create_task(trickle())
        await refused(wire, 408)
        assert perf_counter() - began >= 0.19
        assert not trickling.done()
        trickling.cancel()


@on_uvloop
async def test_each_request_has_its_own_time() -> None:
    """Slow but steady requests, each within its time, are answered however long the connection lasts."""
    async with database(limits=LIMITS) as db, connect(db) as wire:
        await wire.send(GET[:10])
        for _ in range(5):
            await asyncio.sleep(0.08)
            # The end of this request and the beginning of the next one in the same bytes.
            assert (await wire.ask(GET[10:] + GET[:10])).status == 200
        assert not db.stats.errors


@on_uvloop
async def test_time_in_which_the_server_does_not_read_is_not_the_clients() -> None:
    """A request that is incomplete because the client is owed too much to be read from is no stall."""
    limits = Limits(request_timeout_s=0.2, pipelined=2)
    async with database(500, limits=limits) as db, connect(db) as wire:
        await wire.send(GET * 2 + GET[:10])
        await until(lambda: db.stats.in_flight == 2)
        await wire.send(GET[10:])
        assert [(await wire.answer()).status for _ in range(3)] == [200] * 3
        assert not db.stats.errors


@on_uvloop
async def test_an_idle_connection_stays_open() -> None:
    """Between requests there is nothing to stall: pools may keep connections for as long as they like."""
    async with database(limits=LIMITS) as db, connect(db) as wire:
        await asyncio.sleep(0.4)
        assert (await wire.ask()).status == 200
        await asyncio.sleep(0.4)
        assert (await wire.ask()).status == 200


@on_uvloop
async def test_a_client_that_sends_on_still_gets_to_read_the_refusal() -> None:
    """A client in the midst of sending far too much reads 413, not a connection reset."""
    async with database(limits=LIMITS) as db, connect(db) as wire:
        await wire.send(b"POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n")
        await wire.send(b"x" * 3_000_000)
        await refused(wire, 413)


@on_uvloop
async def test_a_refused_client_that_never_closes_is_closed() -> None:
    """After the refusal the client has a moment to close; then the server does."""
    async with database(limits=LIMITS) as db, connect(db) as wire:
        await wire.send(b"nonsense\r\n\r\n")
        await refused(wire, 400)
        assert db.stats.connections == 1
        await until(lambda: not db.stats.connections)


@on_uvloop
async def test_a_reset_connection_is_survived() -> None:
    """Clients that reset the connection while requests wait leave nothing in flight."""
    async with database(20, limits=LIMITS) as db, undisturbed(db):
        for _ in range(20):
            async with connect(db) as wire:
                await wire.send(GET * 3)
                wire.reset()
        await until(lambda: db.stats.connections <= 1)
        assert db.stats.in_flight <= 1


@on_uvloop
async def test_clients_that_are_gone_leave_no_answers_behind() -> None:
    """What clients asked for an hour hence, and did not stay for, takes no memory until then."""

    def kept() -> int:
        return sum(isinstance(thing, Answer) for thing in gc.get_objects())

    async with database(20, limits=LIMITS) as db, undisturbed(db):
        for _ in range(20):
            async with connect(db) as wire:
                await wire.send(b"GET /?sleep=3600000 HTTP/1.1\r\n\r\n" * 30)
                await until(lambda: db.stats.in_flight >= 30)
                wire.reset()
            await until(lambda: db.stats.in_flight <= 1)
        assert db.stats.abandoned >= 600
        assert kept() < 200
