"""Ctrl-C in the lab: every host is quiet, and what was measured is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from lab_access import ELSE, MEASURED, deployed_units, exposure, process, users
from lab_runs import on_load_host, services, started
from playbook_runs import LAB_INVENTORY, ROOT, Bench, Lab, playbook
from watched_runs import wait_for

pytestmark = pytest.mark.lab

# 4 s when nothing else runs; the trials that are left would take longer than this.
STOPPED_S = 60
ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s", "-e", "duration=5s")


@pytest.fixture
def deployed(lab: Lab) -> Lab:
    """Give the lab with the cell's service on it, which an earlier test may have put there."""
    unit = lab.root("tripod-app") / "etc/systemd/system/tripod-async-uvicorn-w1.service"
    for stage in () if unit.exists() else ("provision", "deploy"):
        done = playbook(*LAB_INVENTORY, f"playbooks/{stage}.yml", "-e", "matrix=quick", *ONE_CELL)
        assert done.returncode == 0, done.stdout[-4000:]
    return lab


def check_who_runs(lab: Lab, running: dict[int, str]) -> None:
    """Each kind of process has a user of its own and no way to root, and every unit is restricted."""
    kinds = {"tripod-load": "k6 run", "tripod-app": "/envs/apps/", "tripod-db": "-m fakedb"}
    names = {"tripod-load": "tripod-k6", "tripod-app": "tripod-app", "tripod-db": "tripod-fakedb"}
    for host, kind in kinds.items():
        pids = [pid for pid, line in running.items() if kind in line]
        assert pids, running
        number = users(lab, host)[names[host]]
        for pid in pids:
            told = process(pid)
            assert told["Uid"].split() == [str(number)] * 4, running[pid]
            assert "0" not in told["Gid"].split()
            assert (told["Groups"], told["NoNewPrivs"]) in {("", "1"), (told["Gid"].split()[0], "1")}
            assert {told[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
        judged = exposure(lab, host)
        assert (host == "tripod-load") or judged.keys() & set(deployed_units(lab, host)), judged
        for unit, score in judged.items():
            assert score <= (MEASURED if unit in deployed_units(lab, host) else ELSE), judged


def test_ctrl_c_stops_every_host(deployed: Lab, bench: Bench) -> None:
    """In the middle of trial 2: no k6 and no unit is left; trial 1 is kept and shown."""
    lab = deployed
    log = on_load_host(lab, bench, "async-uvicorn-w1-db25-r2") / "measure.log"
    with started(bench, *ONE_CELL, "-e", "repeats=30", stage="playbooks/measure.yml") as process:
        wait_for(process, log.exists, "the measurement of trial 2")
        time.sleep(1.5)
        check_who_runs(lab, services())
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
