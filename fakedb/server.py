"""The server: from a listening socket to a drained stop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from fakedb.connection import Connection, Shared
from fakedb.deadlines import Alarm, Deadlines, platform_alarm
from fakedb.reader import Limits
from fakedb.stats import Stats

# The kernel cuts this to net.core.somaxconn: whatever the host allows may wait to be accepted.
BACKLOG = 65_535
# What clients had sent when draining began is still accepted, read and answered: closing the listener at once
# would reset the connections in its backlog.
DRAIN_GRACE_S = 0.05
# Where `--drain` says nothing. What manages the process must leave it more time than that.
DRAIN_LIMIT_S = 8.0


class FakeDB:
    """A running fake database. Made by `running`, on the event loop that it is used on."""

    def __init__(self, server: asyncio.Server, shared: Shared, address: tuple[str, int]) -> None:
        """`address` is where it listens, its port the real one where 0 was asked for."""
        self._server = server
        self._shared = shared
        self.address = address
        self.url = f"http://{f'[{address[0]}]' if ':' in address[0] else address[0]}:{address[1]}"

    @property
    def stats(self) -> Stats:
        """The counters that `/stats` serves."""
        return self._shared.stats

    async def drain(self, *, limit_s: float = DRAIN_LIMIT_S) -> int:
        """Send the answers that are owed, stop listening, close every connection.

        Returns how many answers were dropped because they were not due within `limit_s` seconds.
        """
        self._shared.draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await asyncio.sleep(DRAIN_GRACE_S)
                for _ in range(3):  # rounds of the loop: also a process that was kept waiting gets to read
                    await asyncio.sleep(0)
                self._server.close()
                for connection in list(self._shared.connections):
                    connection.close_if_idle()
                if self._shared.connections:
                    await self._shared.gone.wait()
        return self._shared.stats.in_flight


@asynccontextmanager
async def running(
    listener: socket.socket,
    *,
    sleep_ns: int,
    service: str | None = None,
    limits: Limits | None = None,
    alarm: Callable[[asyncio.AbstractEventLoop, Callable[[], None]], Alarm] = platform_alarm,
) -> AsyncIterator[FakeDB]:
    """Serve on `listener`, a bound socket, until the block ends.

    What is owed then is dropped: call `drain` first. `alarm` makes the timer that answers wait on.
    """
    loop = asyncio.get_running_loop()
    deadlines = Deadlines(loop, alarm=alarm)
    stats = Stats(sleep_ns=sleep_ns, service=service, timer=deadlines.alarm_name)
    shared = Shared(sleep_ns=sleep_ns, stats=stats, deadlines=deadlines, limits=limits or Limits())
    server = await loop.create_server(lambda: Connection(shared), sock=listener, backlog=BACKLOG)
    try:
        yield FakeDB(server, shared, listener.getsockname()[:2])
    finally:
        server.close()
        for connection in list(shared.connections):
            connection.abort()
        await asyncio.sleep(0)
        deadlines.close()
