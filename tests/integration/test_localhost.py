"""The whole benchmark on this machine: real k6, real servers, supervisor, no root needed."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from conftest import ROOT, Bench

pytestmark = pytest.mark.localhost

SHORT = ("-e", "workers=1", "-e", "warmup=0s")


def services_left() -> list[str]:
    """Return the command lines of processes that run out of this checkout's .tripod/."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if f"{ROOT}/.tripod/" in line:
            found.append(line)
    return found


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
    assert services_left() == []


@pytest.mark.parametrize(
    ("argument", "allowed"),
    [
        ("db_sleep=abc", "whole milliseconds"),
        ("duration=10", "with its unit"),
        ("db_sleeep=25", "did you mean"),
    ],
)
def test_refuses_bad_parameters(bench: Bench, argument: str, allowed: str) -> None:
    """A bad parameter ends the command within 10 s, named with what is allowed, before a run exists."""
    begun = time.monotonic()
    done = bench.run("-e", argument)
    assert done.returncode != 0
    assert time.monotonic() - begun < 10
    assert argument.split("=", maxsplit=1)[0] in done.stdout
    assert allowed in " ".join(done.stdout.split())
    assert not bench.directory.exists()


def test_an_app_that_dies_fails_its_trial_only(bench: Bench) -> None:
    """Kill the app in the middle of a trial: that trial has failed as app-gone, exit code 2 in the end."""
    arguments = ("-e", "only=async-uvicorn", "-e", "duration=20s", "-e", "repeats=2", *SHORT)
    process = subprocess.Popen(
        bench.command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    trial = ROOT / ".tripod" / "runs" / bench.run_id / "async-uvicorn-w1-db25-r1"
    end = time.monotonic() + 240
    while not (trial / "measure.log").exists():
        assert time.monotonic() < end, "the first trial did not begin"
        assert process.poll() is None, process.communicate()[0][-4000:]
        time.sleep(0.2)
    time.sleep(2)
    subprocess.run(["pkill", "-KILL", "-f", f"{ROOT}/.tripod/envs/apps/bin/"], check=True)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 2, output[-4000:]
    record = bench.read("trials/async-uvicorn-w1-db25-r1/record.json")
    assert record["status"] == "failed"
    assert "app-gone" in record["reasons"]
    assert bench.read("trials/async-uvicorn-w1-db25-r2/record.json")["status"] == "ok"
    row = bench.read("summary.json")["rows"][0]
    assert (row["trials"], row["trials_failed"]) in {(1, 1), (2, 1)}
    assert services_left() == []
