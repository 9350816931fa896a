"""Ctrl-C in the lab: every host is quiet, and what was measured is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from lab_runs import on_load_host, services, started
from playbook_runs import LAB_INVENTORY, MEASURE, ROOT, Bench, Lab, deploy
from watched_runs import wait_for

pytestmark = pytest.mark.lab

# 4 s when nothing else runs; the trials that are left would take longer than this.
STOPPED_S = 60
ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s", "-e", "duration=5s")


@pytest.fixture
def deployed(lab: Lab) -> Lab:
    """Give the lab with the cell's service on it, which an earlier test may have put there."""
    unit = lab.root("tripod-app") / "etc/systemd/system/tripod-async-uvicorn-w1.service"
    if not unit.exists():
        deploy(*LAB_INVENTORY, "-e", "matrix=quick", *ONE_CELL)
    return lab


def test_ctrl_c_stops_every_host(deployed: Lab, bench: Bench) -> None:
    """In the middle of trial 2: no k6 and no unit is left; trial 1 is kept and shown."""
    lab = deployed
    log = on_load_host(lab, bench, "async-uvicorn-w1-db25-r2") / "measure.log"
    with started(bench, *ONE_CELL, "-e", "repeats=30", stage=MEASURE) as process:
        wait_for(process, log.exists, "the measurement of trial 2")
        time.sleep(1.5)
        assert any("k6 run" in line for line in services().values())
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # a terminal tells the whole group
        while services():
            assert time.monotonic() - begun < STOPPED_S, services()
            time.sleep(0.1)
        assert process.wait(30) not in {0, 2}
    for host in lab.hosts:
        assert lab.ssh(host, "systemctl list-units --plain --no-legend --state=active 'tripod-*'") == ""
    assert bench.read("end.json")["outcome"] == "interrupted"
    assert [path.name for path in (bench.directory / "trials").glob("*/record.json")] == ["record.json"]
    table = subprocess.run(
        [sys.executable, "collect.py", "table", "--run", bench.run_id, "--format", "csv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "async-uvicorn" in table.stdout, table.stderr
    assert bench.read("trials/async-uvicorn-w1-db25-r1/record.json")["status"] == "ok"
