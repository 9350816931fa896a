"""Verdicts on what really went wrong, continued: what happens to hosts, and to a part of the time."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from localhost_processes import DB_PORT, HOME, PORTS, a_worker, measuring, processes
from playbook_runs import Bench
from watched_runs import LIMIT_S, recorded, started, wait_for

from tripod.stats.series import Series

pytestmark = [pytest.mark.localhost, pytest.mark.long, pytest.mark.alone]

# Without a warm-up k6 starts once, and its users' connections are those that are measured.
MATRIX = """
name: provoked
database: fakedb
loads: {saturate: {script: poc, vus: 6, pause: 0s, duration: 8s, warmup: 0s}}
db_sleep: [25]
stacks:
  - {name: alone, mode: async, workers: [1], vus: {saturate: 1},
     command: "uvicorn --workers {workers} --log-level error async_app:app"}
  - {name: paused, mode: sync, workers: [1], command: "gunicorn -k gevent -w {workers} sync_app:app"}
  - {name: placed, mode: sync, workers: [2],
     command: "gunicorn -k gthread --threads 8 -w {workers} sync_app:app"}
  - {name: hammered, mode: async, workers: [1],
     command: "uvicorn --workers {workers} --log-level error async_app:app"}
"""
QUOTA = """
name: quota
database: fakedb
loads: {saturate: {script: poc, vus: 8, pause: 0s, duration: 3s, warmup: 0s}}
db_sleep: [25]
stacks:
  - {name: quota, mode: sync, workers: [1], command: "gunicorn -k gevent -w {workers} sync_app:app"}
"""
SERVICE = "tripod-quota-w1"
PAUSE_S = 2.0
# Sends the fake database requests that it is to answer at once, 400 at a time, as fast as it takes them.
HAMMER = f"""
import socket
ask = b"GET /value?sleep=0 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
servers = [socket.create_connection(("127.0.0.1", {DB_PORT})) for _ in range(4)]
servers[0].sendall(ask)
size = len(servers[0].recv(4096))
for server in servers:
    server.sendall(100 * ask)
while True:
    for server in servers:
        left = 100 * size
        while left:
            left -= len(server.recv(left))
        server.sendall(100 * ask)
"""


def under_way(bench: Bench, trial: str) -> Path:
    """Return what is there as soon as the trial's k6 was started: it sends nothing for tenths of a second."""
    return HOME / "runs" / bench.run_id / trial / "measure.log"


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """Let processes stand still."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def hammered() -> Iterator[None]:
    """Give the fake database a core of its own, and more requests than that can answer."""
    (database,) = processes("-m fakedb")
    cores = psutil.Process(database).cpu_affinity()
    with subprocess.Popen([sys.executable, "-c", HAMMER], stderr=subprocess.DEVNULL) as hammer:
        for pid, core in ((database, max(cores)), (hammer.pid, min(cores))):
            process = psutil.Process(pid)
            process.cpu_affinity([core])
            if os.geteuid() == 0:
                process.nice(-20)  # whatever else runs on this machine
        yield
        hammer.kill()


@pytest.fixture
def rows(bench: Bench, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Measure all cells once, each with its fault, and return the rows by their stack."""
    matrix = tmp_path / "provoked.yml"
    matrix.write_text(MATRIX)
    with started(bench, "-e", f"matrix={matrix}", *PORTS) as process:
        wait_for(process, (bench.directory / "plan.json").exists, "the plan")
        for planned in bench.read("plan.json")["trials"]:
            trial = planned["trial"]
            wait_for(process, under_way(bench, trial).exists, f"the k6 of {trial}")
            stack = trial.split("-")[0]
            if stack == "placed":
                with stopped([a_worker("sync_app:app")]):  # while users connect
                    wait_for(process, measuring(bench, trial), f"the measurement of {trial}")
            elif stack == "hammered":
                with hammered():
                    wait_for(process, recorded(bench, trial), f"the record of {trial}")
            elif stack == "paused":
                wait_for(process, measuring(bench, trial), f"the measurement of {trial}")
                with stopped(list(processes("sync_app:app"))):
                    time.sleep(PAUSE_S)
        process.wait(LIMIT_S)
    return by_stack(bench)


def by_stack(bench: Bench) -> dict[str, dict[str, Any]]:
    """Return the rows of the run's table."""
    return {row["stack"]: row for row in bench.read("summary.json")["rows"]}


def test_each_fault_is_said_of_its_row(rows: dict[str, dict[str, Any]], bench: Bench) -> None:
    """One user, an app that stood still, connections on one worker, a full database; then what none makes."""
    assert {row["status"] for row in rows.values()} == {"ok"}
    if "app-host-shared" not in rows["alone"]["notes"]:  # a core that others keep busy shows nothing
        assert "capped" in rows["alone"]["bound"]
        assert rows["alone"]["limited_by"] == "load model"
    assert "unsteady" in rows["paused"]["notes"]
    assert "uneven" in rows["placed"]["notes"]
    # many of its calls are none of k6's
    assert {"db-saturated", "littles-law"} <= set(rows["hammered"]["notes"])
    of_faults = {"unsteady", "db-saturated", "littles-law", "clock-step", "steal"}
    assert not of_faults & set(rows["alone"]["reasons"])

    edited(bench, "alone-w1-db25-r1", step_clock)
    edited(bench, "placed-w2-db25-r1", steal)
    bench.tabulate()
    after = by_stack(bench)
    assert "clock-step" in after["alone"]["void"]  # it is k6's clock
    assert "steal" in after["placed"]["notes"]


def edited(bench: Bench, trial: str, edit: Any) -> None:
    """Change the samples in a trial's record, and cut them to its window as the trial did."""
    path = bench.directory / "trials" / trial / "record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    told = record["telemetry"]["localhost"]
    content = json.loads(zlib.decompress(base64.b64decode(told["series"])))
    edit(content["host"])
    told["series"] = base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()
    series = Series(told["series"])
    began_ms = bench.k6(trial)["metrics"]["tripod_started_ms"]["values"]["min"]
    window = series.host.window(1000 * began_ms, 8.0)
    activity = series.activity("localhost", window, alone=True, clock_error_s=0.0)
    told["activity"] = dataclasses.asdict(activity)
    path.write_text(json.dumps(record), encoding="utf-8")


def step_clock(host: dict[str, list[int]]) -> None:
    """Set the wall clock forward by half a second before the last sample but two."""
    host["wall_us"][-3] += 500_000


def steal(host: dict[str, list[int]]) -> None:
    """Let 4 % of the time that each core was idle, or spent on processes, have been others'."""
    for name in [name for name in host if name.endswith("_steal_us")]:
        for at in range(1, len(host[name])):
            for kind in ("idle", "user"):
                moved = round(0.04 * host[name.replace("steal", kind)][at])
                host[name.replace("steal", kind)][at] -= moved
                host[name][at] += moved


def quota_directory() -> Path | None:
    """Return where a cgroup with a CPU quota can be made; None where there is no such place."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        return None
    old, new = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
    if (old / "cpu.cfs_quota_us").exists() or (old / "cgroup.procs").exists():
        return old / f"{SERVICE}.service"
    with suppress(OSError):
        if "cpu" in (new / "cgroup.subtree_control").read_text(encoding="ascii").split():
            return new / f"{SERVICE}.service"
    return None


@pytest.fixture
def quota() -> Iterator[Path]:
    """Make a cgroup, as a systemd unit with CPUQuota=20% has it; give what a process enters it by."""
    directory = quota_directory()
    if directory is None:
        pytest.skip("needs Linux, root, and cgroups that root may make")
    directory.mkdir()
    if (directory / "cpu.max").exists():
        (directory / "cpu.max").write_text("20000 100000", encoding="ascii")
    else:
        (directory / "cpu.cfs_quota_us").write_text("20000", encoding="ascii")
    yield directory / "cgroup.procs"
    directory.rmdir()


def test_a_quota_is_said_of_its_row(bench: Bench, quota: Path, tmp_path: Path) -> None:
    """From the second trial on what serves lives in a cgroup that has a fifth of a core."""
    matrix = tmp_path / "quota.yml"
    matrix.write_text(QUOTA)
    with started(bench, "-e", f"matrix={matrix}", "-e", "repeats=2", *PORTS) as process:
        wait_for(process, (bench.directory / "plan.json").exists, "the plan")
        wait_for(process, measuring(bench, "quota-w1-db25-r1"), "the measurement of the first trial")
        (manager,) = processes("supervisord")
        quota.write_text(str(manager), encoding="ascii")  # what it starts from now on begins in there
        process.wait(LIMIT_S)
    row = by_stack(bench)["quota"]
    assert "throttled" in row["notes"]
    free, limited = row["rps_per_trial"]
    assert limited < free / 2
