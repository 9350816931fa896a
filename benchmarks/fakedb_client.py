"""A closed-loop client that times each answer of a fake database on 127.0.0.1.

Prints the signed errors (time from sending to answer, minus the latency expected) as JSON, in milliseconds.
They contain both ways through the kernel and this client's own event loop, so they bound the server's errors
from above.
"""

import argparse
import asyncio
import gc
import json
import sys
import time
from typing import cast

import uvloop

REQUEST = b"GET /value HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_BODY_END = b"}"


class Client(asyncio.Protocol):
    """One connection: sends the next request as soon as the last one is answered."""

    def __init__(self, elapsed_ns: list[int], until_ns: int) -> None:
        """Add to `elapsed_ns` until the monotonic clock is at `until_ns`."""
        self._elapsed_ns = elapsed_ns
        self._until_ns = until_ns
        self._sent_ns = 0
        self._transport: asyncio.Transport | None = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for `send`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        """Time the answer (small enough never to come in two parts) and ask again."""
        now = time.monotonic_ns()
        if not data.startswith(b"HTTP/1.1 200 ") or not data.endswith(_BODY_END):
            self.ended.set_exception(RuntimeError(f"unexpected answer: {data!r}"))
            return
        self._elapsed_ns.append(now - self._sent_ns)
        if now < self._until_ns:
            self.send()
        else:
            self.ended.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report an end that nobody asked for."""
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("the server closed the connection"))

    def send(self) -> None:
        """Send a request; the first call starts the connection's loop."""
        if self._transport is not None:
            self._sent_ns = time.monotonic_ns()
            self._transport.write(REQUEST)


async def measure(port: int, *, connections: int, seconds: float, spread_s: float) -> list[int]:
    """Return the time of every answer in nanoseconds, sorted. Connections start spread over `spread_s`."""
    loop = asyncio.get_running_loop()
    elapsed_ns: list[int] = []
    until_ns = time.monotonic_ns() + round(seconds * 1e9)
    opened = [
        await loop.create_connection(lambda: Client(elapsed_ns, until_ns), "127.0.0.1", port)
        for _ in range(connections)
    ]
    for number, (_, client) in enumerate(opened):
        loop.call_later(spread_s * number / connections, client.send)
    async with asyncio.timeout(seconds + 10):
        await asyncio.gather(*(client.ended for _, client in opened))
    for transport, _ in opened:
        transport.close()
    return sorted(elapsed_ns)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--expect", type=float, required=True, metavar="MS")
    parser.add_argument("--at-once", action="store_true", help="start all connections at the same time")
    asked = parser.parse_args()
    spread_s = 0 if asked.at_once else asked.expect / 1000
    gc.disable()  # lives for seconds; its own pauses must not be taken for the server's
    elapsed = uvloop.run(
        measure(asked.port, connections=asked.connections, seconds=asked.seconds, spread_s=spread_s)
    )
    ranks = {"min": 0, "p50": 0.5, "p99": 0.99, "max": 1}
    errors = {
        name: elapsed[min(len(elapsed) - 1, int(q * len(elapsed)))] / 1e6 - asked.expect
        for name, q in ranks.items()
    }
    print(json.dumps({"count": len(elapsed), **errors}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
