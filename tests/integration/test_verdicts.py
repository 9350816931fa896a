"""Verdicts on what really went wrong: each fault is made in a trial on this machine, and its row says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from localhost_processes import PORTS, a_worker, measuring, processes
from playbook_runs import Bench
from watched_runs import LIMIT_S, recorded, started, wait_for

pytestmark = pytest.mark.localhost

# 32 users without a pause: more than any of these cells can work on at once.
MATRIX = """
name: provoked
database: fakedb
loads: {saturate: {script: poc, vus: 32, pause: 0s, duration: 4s, warmup: 1s}}
db_sleep: [25]
stacks:
  - {name: sound, mode: async, workers: [1],
     command: "uvicorn --workers {workers} --log-level error async_app:app"}
  - {name: blocking, mode: async, workers: [1],
     command: "uvicorn --workers {workers} --log-level error stupid_async_app:app"}
  - {name: backlog, mode: sync, workers: [1], command: "gunicorn --backlog 1 -w {workers} sync_app:app"}
  - {name: killed, mode: sync, workers: [2], command: "gunicorn -w {workers} sync_app:app"}
  - {name: late, mode: async, workers: [1],
     command: "uvicorn --workers {workers} --log-level error async_app:app"}
  - {name: crowded, mode: sync, workers: [1], command: "gunicorn -k gevent -w {workers} sync_app:app"}
"""
STALL_S = 1.0


def kill_a_worker() -> None:
    """Kill one of gunicorn's workers."""
    os.kill(a_worker("sync_app:app"), signal.SIGKILL)


def stall_the_database() -> None:
    """Stop the fake database for a second: what was in flight comes so much too late."""
    (database,) = processes("-m fakedb")
    os.kill(database, signal.SIGSTOP)
    time.sleep(STALL_S)
    os.kill(database, signal.SIGCONT)


@contextmanager
def busy_strangers() -> Iterator[None]:
    """Keep every core busy with processes of no leg, twice over."""
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


FAULTS: dict[str, Callable[[], None]] = {"killed": kill_a_worker, "late": stall_the_database}


@pytest.fixture
def rows(bench: Bench, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Measure all cells once, each with its fault, and return the rows by their stack."""
    matrix = tmp_path / "provoked.yml"
    matrix.write_text(MATRIX)
    with started(bench, "-e", f"matrix={matrix}", *PORTS) as process:
        wait_for(process, (bench.directory / "plan.json").exists, "the plan")
        for planned in bench.read("plan.json")["trials"]:
            trial = planned["trial"]
            stack = trial.split("-")[0]
            wait_for(process, measuring(bench, trial), f"the measurement of {trial}")
            if stack == "crowded":
                with busy_strangers():
                    wait_for(process, recorded(bench, trial), f"the record of {trial}")
            elif stack in FAULTS:
                FAULTS[stack]()
        process.wait(LIMIT_S)
    return {row["stack"]: row for row in bench.read("summary.json")["rows"]}


@pytest.mark.long
@pytest.mark.alone
def test_each_fault_is_said_of_its_row(rows: dict[str, dict[str, Any]]) -> None:
    """Blocked loop, short backlog, killed worker, slow database, strangers on the cores: each in its row."""
    assert {row["status"] for row in rows.values()} == {"ok"}
    # what a worker that is gone did cannot be believed
    assert "restarted" in rows["killed"]["void"]
    assert rows["killed"]["rank"] is None
    # on one host the legs share the cores: notes
    assert "db-delay-off" in rows["late"]["notes"]
    assert {"listen-overflow", "connect-tail"} <= set(rows["backlog"]["notes"])
    assert "app-host-shared" in rows["crowded"]["notes"]
    assert rows["crowded"]["limited_by"] == "unknown"
    if Path("/proc/pressure/cpu").exists():
        assert "load-saturated" in rows["crowded"]["notes"]
    # by its command nothing bounds it, and the database never saw but one
    assert (rows["blocking"]["slots_claimed"], rows["blocking"]["slots_seen"]) == (None, 1)
    if "load-saturated" not in rows["blocking"]["reasons"]:  # k6's clock tells how many waited, if it had CPU
        assert "below-concurrency" in rows["blocking"]["notes"]
        assert rows["blocking"]["limited_by"] == "app slots"
    of_faults = {"restarted", "db-delay-off", "listen-overflow", "below-concurrency"}
    assert not of_faults & set(rows["sound"]["reasons"])
