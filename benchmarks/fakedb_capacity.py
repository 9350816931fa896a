"""Show that the fake database is exact and never the bottleneck: `python benchmarks/fakedb_capacity.py`.

In one run, on this machine: (a) its capacity without latency beside that of the fastest application's `/api`,
each alone on one core, with the load on the other; (b) its latency error over several numbers of connections.
Prints what was seen beside the targets and judges nothing: a busy machine says little. Needs Linux, two
cores, and wrk.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from fakedb_servers import app, fakedb, get_json

APPS = (
    "uvicorn --workers 1 --log-level error async_app:app",
    "gunicorn -k uvicorn_worker.UvicornWorker -w 1 async_app:app",
    "gunicorn -k gevent -w 1 sync_app:app",
)
RATIO_TARGET = 8
CONNECTIONS = (1, 10, 64, 256)
SLEEP_MS = 25
CLIENT = Path(__file__).with_name("fakedb_client.py")


class Rate(NamedTuple):
    """Requests per second, how many failed, and the share of its core that wrk used."""

    per_second: float
    failed: int
    load_cpu: float


def wrk(url: str, *, connections: int, seconds: int) -> Rate:
    """Offer as much load as one wrk thread can. It runs on this process's core."""
    cpu, wall = _children_cpu(), time.monotonic()
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url],
        capture_output=True, text=True, check=True, timeout=seconds + 30,
    ).stdout  # fmt: skip
    rate = re.search(r"^Requests/sec:\s+([0-9.]+)", output, re.MULTILINE)
    if rate is None:
        raise SystemExit(f"wrk said nothing of a rate:\n{output}")
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    failed = (int(bad[1]) if bad else 0) + (sum(map(int, errors.groups())) if errors else 0)
    return Rate(float(rate[1]), failed, (_children_cpu() - cpu) / (time.monotonic() - wall))


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _print_rate(name: str, rate: Rate) -> None:
    failed = f"  {rate.failed} FAILED or took over 2 s" if rate.failed else ""
    print(
        f"  {rate.per_second:10,.0f}/s  {name}  (wrk used {rate.load_cpu:.0%} of its core){failed}",
        flush=True,
    )


def capacity(*, server_core: int, load_core: int, connections: int, seconds: int) -> None:
    """Print the rates of the database and of the applications, interleaved, and their ratio."""
    print(f"(a) Capacity at {connections} connections, {seconds} s each, server alone on core {server_core}")
    with fakedb(0, core=server_core) as url:
        wrk(f"{url}/value", connections=connections, seconds=1)
        database = wrk(f"{url}/value", connections=connections, seconds=seconds)
    _print_rate("fakedb", database)
    rates = {}
    # The application's database is on the load's core, so that the application has its own to itself.
    with fakedb(0, core=load_core) as database_url:
        for command in APPS:
            with app(command, database=database_url, core=server_core) as url:
                wrk(f"{url}/api", connections=connections, seconds=1)
                rates[command] = wrk(f"{url}/api", connections=connections, seconds=seconds)
            _print_rate(f"/api of: {command}", rates[command])
    with fakedb(0, core=server_core) as url:
        wrk(f"{url}/value", connections=connections, seconds=1)
        again = wrk(f"{url}/value", connections=connections, seconds=seconds)
    _print_rate("fakedb again, since machines drift", again)
    fastest = max(rates, key=lambda command: rates[command].per_second)
    low, high = sorted(rate.per_second / rates[fastest].per_second for rate in (database, again))
    print(f"  ratio to the fastest, {fastest}: {low:.1f} to {high:.1f} (target: at least {RATIO_TARGET})\n")


def _kept_waiting(pid: int) -> str:
    """Return how long a process was ready to run while others ran: on a quiet machine, next to nothing."""
    waited_ns = int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1])
    return f"{waited_ns / 1e6:.0f} ms by other processes"


def _errors(*, server_core: int, connections: int, seconds: int, at_once: bool) -> None:
    """Measure and print one number of connections."""
    with fakedb(SLEEP_MS, core=server_core) as url:
        command = [sys.executable, str(CLIENT), url.rpartition(":")[2], f"--connections={connections}"]
        command += [f"--seconds={seconds}", f"--expect={SLEEP_MS}", *(["--at-once"] if at_once else [])]
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30)
        stats = get_json(f"{url}/stats")
        kept = _kept_waiting(stats["pid"])
    error = stats["latency_error_ms"]
    cpu = f"CPU {stats['cpu_s'] / seconds:.0%}, {1e6 * stats['cpu_s'] / stats['answered']:.0f} µs per answer"
    for name, seen, note in (
        ("server", {**error, **error["quantiles"]}, cpu),
        ("client", json.loads(result.stdout), f"server kept waiting {kept}"),
    ):
        figures = " ".join(f"{seen[key]:8.3f}" for key in ("min", "p50", "p99", "max"))
        start = " at once" if at_once else ""
        print(f"  {f'{connections}{start}':>11} {name:>7} {seen['count']:8} {figures}  {note}", flush=True)


def latency(*, server_core: int, seconds: int) -> None:
    """Print the latency errors by the server's own histogram and by a client's clock."""
    print(
        f"(b) Latency error at {SLEEP_MS} ms, {seconds} s each, in ms (targets: min >= 0, p50 <= 1, p99 <= 2)"
    )
    print("    Connections start spread over one latency; the last pair is the worst case, all in step.")
    print("  connections seen by  answers      min      p50      p99      max")
    for connections in CONNECTIONS:
        _errors(server_core=server_core, connections=connections, seconds=seconds, at_once=False)
    _errors(server_core=server_core, connections=max(CONNECTIONS), seconds=seconds, at_once=True)


def _cores() -> list[int]:
    """Return the cores that may be used; none where they cannot be chosen (macOS)."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _between(low: int, high: int) -> Callable[[str], int]:
    """Return the argument type of whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            allowed = f"a whole number from {low} to {high}"
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: {allowed}")
        return int(text)

    return parse


def main() -> int:
    """Run both parts; refuse where they cannot be run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=_between(1, 60), default=5, metavar="1-60")
    parser.add_argument("--connections", type=_between(1, 1000), default=10, metavar="1-1000")
    asked = parser.parse_args()
    if not find_spec("uvloop"):
        print("the packages of benchmarks and tests are not installed; type: make setup", file=sys.stderr)
        return 2
    if not shutil.which("wrk"):
        print("wrk is not installed: apt-get install wrk (a package of Debian and Ubuntu)", file=sys.stderr)
        return 2
    if len(_cores()) < 2:
        found = f"found {len(_cores())}"
        print(f"needs Linux and two cores, one for the server, one for the load; {found}", file=sys.stderr)
        return 2
    server_core, load_core, *_ = _cores()
    load = f"load average {os.getloadavg()[0]:.1f} (a quiet machine: about 0)"
    print(f"Linux {os.uname().release}, {len(_cores())} cores; {load}\n", flush=True)
    os.sched_setaffinity(0, {load_core})  # this process, wrk and the client
    capacity(
        server_core=server_core, load_core=load_core, connections=asked.connections, seconds=asked.seconds
    )
    latency(server_core=server_core, seconds=asked.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
