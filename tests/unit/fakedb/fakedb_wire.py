"""Helpers of these tests: a running database, and a client that shows the bytes."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, NamedTuple

import uvloop

from fakedb.cli import bind
from fakedb.deadlines import platform_alarm
from fakedb.latency import NS_PER_MS
from fakedb.reader import Limits
from fakedb.server import FakeDB, running

GET = b"GET /value HTTP/1.1\r\nHost: db\r\n\r\n"


def on_uvloop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test on the event loop that the server uses, for at most 30 s."""

    @wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(30):
                await test(*args, **kwargs)

        uvloop.run(bounded())

    return run


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds that no event tells of, such as a counter's value."""
    while not condition():  # noqa: ASYNC110 - see above
        await asyncio.sleep(0.001)


class Answer(NamedTuple):
    """An HTTP answer, its header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Wire:
    """One client connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Made by `connect`."""
        self._reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, *, body: bool = True) -> Answer:
        """Read one answer; without its body if it answers HEAD."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:-2])}
        content = await self._reader.readexactly(int(headers["content-length"])) if body else b""
        return Answer(int(head[0].split()[1]), headers, content)

    async def ask(self, request: bytes = GET) -> Answer:
        """Send a request and read its answer."""
        await self.send(request)
        return await self.answer()

    def reset(self) -> None:
        """Break the connection: the server sees a reset, not an end."""
        linger_for_0_s = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_0_s)
        self.writer.transport.abort()

    async def closed_by_server(self) -> bool:
        """Wait for the server to end the connection: an orderly end, with nothing left to read."""
        return await self._reader.read() == b""


@asynccontextmanager
async def connect(database: FakeDB) -> AsyncIterator[Wire]:
    """Open one connection, and close it at the end."""
    reader, writer = await asyncio.open_connection(*database.address, limit=2**20)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def database(
    sleep_ms: float = 0, *, limits: Limits | None = None, alarm: Any = platform_alarm
) -> AsyncIterator[FakeDB]:
    """Run a database on a free port of 127.0.0.1."""
    sleep_ns = round(sleep_ms * NS_PER_MS)
    async with running(
        bind("127.0.0.1", 0), sleep_ns=sleep_ns, limits=limits, alarm=alarm
    ) as running_database:
        yield running_database
