"""The whole benchmark on this machine: real k6, real servers, supervisor, no root needed."""

from __future__ import annotations

import pytest
from localhost_processes import PORTS, processes
from playbook_runs import Bench

pytestmark = pytest.mark.localhost

SHORT = ("-e", "workers=1", "-e", "warmup=0s", *PORTS)


def test_measures_several_cells(bench: Bench) -> None:
    """Three cells end in a table with exit code 0, async well ahead of one blocking worker, nothing left."""
    done = bench.run("-e", "only=*sync-[gu]*corn", "-e", "duration=4s", *SHORT)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    rows = {row["stack"]: row for row in bench.read("summary.json")["rows"]}
    assert set(rows) == {"sync-gunicorn", "async-uvicorn", "async-gunicorn"}
    assert all(row["status"] == "ok" and row["failed_requests"] == 0 for row in rows.values())
    # One worker that blocks serves one request at a time; the write-up's ratio is 3.24.
    assert rows["async-uvicorn"]["rps"] > 1.5 * rows["sync-gunicorn"]["rps"]
    assert bench.read("hosts.json")["separation"] == "one-host"
    record = bench.read("trials/async-uvicorn-w1-db25-r1/record.json")
    assert record["services"]["app"]["ready"]["loop"] == "uvloop"
    assert processes() == {}


def test_refuses_bad_parameters(bench: Bench) -> None:
    """Bad parameters end the command, each named with what is allowed, before a run exists."""
    wrong = {
        "db_sleep=abc": "whole milliseconds",
        "duration=10": "with its unit",
        "db_sleeep=25": "did you mean db_sleep?",
        "tripod_plan=mine": "bench.yml takes no such name",
    }
    done = bench.run(*(part for argument in wrong for part in ("-e", argument)))
    assert done.returncode != 0
    for argument, allowed in wrong.items():
        name, value = argument.split("=")
        [line] = [line for line in done.stdout.splitlines() if f"{name} is '{value}'" in line]
        assert allowed in line
    assert not bench.directory.exists()
