"""CPU cost per call of HTTP clients, as the applications use them and as they come.

`python benchmarks/http_clients.py` runs a fake database at 0 ms in another process and asks it over and over,
with 1, 10 and 40 calls in flight: blocking clients from as many threads, async ones from as many tasks. The
figure is the CPU time of this process per call (`time.process_time`, all threads): what a worker pays on its
core for each `/api`, whatever the database's latency. Clients take turns in shuffled rounds, so that a noisy
machine is noisy for all of them; the median over the rounds is given, and the widest range at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib.metadata
import importlib.util
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import requests
import uvloop

ROOT = Path(__file__).parents[1]
PACKAGES = ("requests", "urllib3", "httpx2", "httpx", "sniffio", "aiohttp", "uvloop")
IN_FLIGHT = (1, 10, 40)  # one user; the users of matrix/poc.yml; the threads of FastAPI's pool
WARM_UP_CALLS = 5  # for each thread or task

Meter = Callable[[int, int], float]
"""Makes (calls, in flight): that many calls, and returns the CPU seconds that they took."""


@contextmanager
def fake_database() -> Iterator[str]:
    """Run a fake database at 0 ms and yield its URL."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "fakedb", "--sleep", "0", "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while process.poll() is None and time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise SystemExit(f"the fake database did not start (exit code {process.poll()})")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def blocking(call: Callable[[], Any]) -> Meter:
    """Measure a blocking call, made from threads."""

    def repeat(calls: int) -> None:
        for _ in range(calls):
            call()

    def meter(calls: int, in_flight: int) -> float:
        with ThreadPoolExecutor(in_flight) as pool:
            list(pool.map(repeat, [WARM_UP_CALLS] * in_flight))
            begun = time.process_time()
            list(pool.map(repeat, [calls // in_flight] * in_flight))
            return time.process_time() - begun

    return meter


def in_loop(
    open_client: Callable[[], AbstractAsyncContextManager[Any]], call: Callable[[Any], Awaitable[Any]]
) -> Meter:
    """Measure an async call, made from tasks of one uvloop that share one client."""

    async def repeat(client: Any, calls: int) -> None:
        for _ in range(calls):
            await call(client)

    async def measure(calls: int, in_flight: int) -> float:
        async with open_client() as client:
            await asyncio.gather(*(repeat(client, WARM_UP_CALLS) for _ in range(in_flight)))
            begun = time.process_time()
            await asyncio.gather(*(repeat(client, calls // in_flight) for _ in range(in_flight)))
            return time.process_time() - begun

    return lambda calls, in_flight: uvloop.run(measure(calls, in_flight))


def clients_of_the_apps(url: str) -> dict[str, Meter | None]:
    """Return the meters of the applications' own calls, by name."""
    os.environ["TRIPOD_DB_URL"] = url
    sys.path.insert(0, str(ROOT / "apps"))
    from common import async_db, blocking_db  # noqa: PLC0415 - they read the environment when imported

    async def once() -> int:
        async with async_db.open_client() as client:
            return await async_db.fetch_value(client)

    return {
        "sync_app, def_app, stupid_async_app": blocking(blocking_db.fetch_value),
        "async_app": in_loop(async_db.open_client, async_db.fetch_value),
        "donkey_patched_async_app (loop and client for each call)": blocking(lambda: asyncio.run(once())),
    }


def clients_as_they_come(url: str) -> dict[str, Meter | None]:
    """Return the meters of clients with their defaults, by name; None for those that are not installed."""
    session = requests.Session()
    meters: dict[str, Meter | None] = {
        "`requests.get`": blocking(lambda: requests.get(url, timeout=5).json()),
        "`requests.Session`": blocking(lambda: session.get(url).json()),
    }

    async def httpx_call(client: Any) -> Any:
        return (await client.get(url)).json()

    async def aiohttp_call(client: Any) -> Any:
        async with client.get(url) as response:
            return await response.json()

    for package, factory, call in [
        ("httpx2", "AsyncClient", httpx_call),
        ("httpx", "AsyncClient", httpx_call),
        ("aiohttp", "ClientSession", aiohttp_call),
    ]:
        there = importlib.util.find_spec(package) is not None
        opener = getattr(importlib.import_module(package), factory) if there else None
        meters[f"`{package}.{factory}`"] = in_loop(opener, call) if opener else None
    return meters


Figures = dict[tuple[str, int], list[float]]
"""(Client, in flight) → CPU microseconds per call, one figure for each round."""


def measure(meters: dict[str, Meter | None], calls: int, rounds: int) -> Figures:
    """Measure every client at every number of calls in flight, in shuffled rounds."""
    turns = [(name, meter, count) for name, meter in meters.items() if meter for count in IN_FLIGHT]
    figures: Figures = {(name, count): [] for name, _, count in turns}
    for _ in range(rounds):
        for name, meter, count in random.sample(turns, len(turns)):
            gc.collect()  # nobody pays for another's garbage
            made = calls // count * count
            figures[name, count].append(meter(made, count) / made * 1e6)
    return figures


def table(meters: dict[str, Meter | None], figures: Figures) -> str:
    """Return the medians as a Markdown table, each with its ratio to the first client's."""
    medians = {key: statistics.median(values) for key, values in figures.items()}
    reference = next(iter(meters))
    lines = [
        "| µs CPU per call (ratio to the first row) | "
        + " | ".join(f"{n} in flight" for n in IN_FLIGHT)
        + " |",
        "|---|" + "---:|" * len(IN_FLIGHT),
    ]
    for name, meter in meters.items():
        cells = ["not installed"] * len(IN_FLIGHT)
        if meter:
            cells = [
                f"{medians[name, n]:.0f} ({medians[name, n] / medians[reference, n]:.2f})" for n in IN_FLIGHT
            ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    spread = {key: max(values) / min(values) for key, values in figures.items()}
    widest = max(spread, key=lambda key: spread[key])
    lines.append("")
    lines.append(f"Widest range over rounds: {spread[widest]:.2f}x ({widest[0]}, {widest[1]} in flight).")
    return "\n".join(lines)


def version(package: str) -> str:
    """Return a package's version, or that it is missing."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="CPU cost per call of HTTP clients, in microseconds")
    parser.add_argument("--calls", type=int, default=400, help="calls per client and round (default 400)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    options = parser.parse_args()
    if options.calls < max(IN_FLIGHT) or options.rounds < 1:
        parser.error(f"--calls must be at least {max(IN_FLIGHT)}, --rounds at least 1")
    # Else clients that are measured as they come would go through this machine's proxy, if it has one.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    print(f"Python {sys.version.split()[0]}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    with fake_database() as url:
        meters = clients_of_the_apps(url) | clients_as_they_come(f"{url}/value")
        print(table(meters, measure(meters, options.calls, options.rounds)))


if __name__ == "__main__":
    main()
