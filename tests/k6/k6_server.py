"""A small real HTTP server for k6 to load, whose answers a test decides; as a program, it can be killed."""

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

PAGE = b"<html></html>"
VALUE = b'{"value": 7}'
QUOTE = "Être, ou ne pas être.\n\nW. S.".encode()
VIEW = b'{"id": 100000, "views": 1}'
UNDER_LOAD = 20  # requests answered
_BODIES = {"/api": VALUE, "/quote/": QUOTE, "POST /quote/view": VIEW}


@dataclass
class Answer:
    """One response: status, body, headers beyond the length, and the delay in seconds before it."""

    status: int = 200
    body: bytes = PAGE
    headers: bytes = b""
    delay_s: float = 0.0


@dataclass
class Log:
    """What the server did: the port, the first arrival, each request, and when each was answered.

    A request is written as its path, with the method before it unless that is GET. `under_load` is what a
    test waits for before it disturbs the load: how long k6 takes to start is the machine's affair.
    """

    port: int = 0
    first_s: float | None = None
    arrived: list[str] = field(default_factory=list)
    answered: list[tuple[str, float]] = field(default_factory=list)
    under_load: asyncio.Event = field(default_factory=asyncio.Event)

    def answered_within(self, duration_s: float) -> int:
        """Count the answers sent within `duration_s` seconds of the first request's arrival."""
        assert self.first_s is not None
        return sum(1 for _, moment in self.answered if moment <= self.first_s + duration_s)


Behaviour = Callable[[str, int], Answer]


def healthy(path: str, _number: int) -> Answer:
    """Answer as the apps do, at once."""
    return Answer(body=_BODIES.get(path, PAGE))


def slowed(delay_s: float) -> Behaviour:
    """Answer as the apps do, each request after the delay."""

    def behave(path: str, number: int) -> Answer:
        answer = healthy(path, number)
        answer.delay_s = delay_s
        return answer

    return behave


def _connection(behaviour: Behaviour, log: Log) -> Callable[..., Awaitable[None]]:
    numbers = itertools.count()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                method, path = (await reader.readuntil(b"\r\n\r\n")).decode().split()[:2]
                path = path if method == "GET" else f"{method} {path}"
                log.first_s = log.first_s or time.monotonic()
                log.arrived.append(path)
                answer = behaviour(path, next(numbers))
                await asyncio.sleep(answer.delay_s)
                head = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n" % (answer.status, len(answer.body))
                writer.write(head + answer.headers + b"\r\n" + answer.body)
                log.answered.append((path, time.monotonic()))
                if len(log.answered) == UNDER_LOAD:
                    log.under_load.set()
        writer.close()

    return serve


@contextlib.asynccontextmanager
async def serving(
    behaviour: Behaviour = healthy, listening: socket.socket | None = None
) -> AsyncIterator[Log]:
    """Serve on a free port of 127.0.0.1, or on a socket that listens already.

    `behaviour` gets the path and the number of the request, from 0, and returns the answer.
    """
    log = Log()
    sock = listening or socket.create_server(("127.0.0.1", 0))
    server = await asyncio.start_server(_connection(behaviour, log), sock=sock)
    log.port = server.sockets[0].getsockname()[1]
    try:
        yield log
    finally:
        server.close()


async def _main() -> None:
    """Print the port, and a line when the load has come."""
    async with serving() as log:
        print(log.port, flush=True)
        await log.under_load.wait()
        print("under load", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
