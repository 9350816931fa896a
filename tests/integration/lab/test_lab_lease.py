"""The lab's hosts are one run's: a second run, a network that is cut, and a controller that is killed."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from lab_runs import held, no_ssh, on_load_host, services, started
from playbook_runs import LAB_INVENTORY, MEASURE, PLAYBOOK, ROOT, Bench, Lab, playbook
from watched_runs import recorded, wait_for

from tripod.catalogue import lease

pytestmark = pytest.mark.lab

ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s")
TRIALS = [f"async-uvicorn-w1-db25-r{repeat}" for repeat in (1, 2, 3)]
SILENCE_S = 12.0


@pytest.fixture
def other_checkout(tmp_path: Path) -> Path:
    """Give a copy of this checkout without its runs."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name, follow_symlinks=False)
    return tmp_path


@pytest.mark.long
def test_a_cut_is_borne_for_a_while_only(lab: Lab, bench: Bench, other_checkout: Path) -> None:
    """A host that is back in time loses no trial; later it has stopped, and the next trial has it again.

    Meanwhile a run from another checkout is refused, and is told by whom.
    """
    lab.deploy(ONE_CELL)
    app = lab.hosts["tripod-app"]
    wanted = (*ONE_CELL, "-e", "duration=16s", "-e", "repeats=3")
    with started(bench, *wanted, stage=MEASURE, silence_s=SILENCE_S) as process:
        wait_for(process, (on_load_host(lab, bench, TRIALS[0]) / "measure.log").exists, "trial 1")
        with no_ssh(app):
            time.sleep(SILENCE_S / 2)
        command = [PLAYBOOK, *LAB_INVENTORY, "bench.yml", "-e", "matrix=quick"]
        second = subprocess.run(
            command, cwd=other_checkout, capture_output=True, text=True, check=False, timeout=120
        )
        said = " ".join(second.stdout.split())
        assert second.returncode != 0
        assert f"tripod-app is held by run {bench.run_id} of " in said, said[-3000:]
        assert f"-i {other_checkout}/inventory/lab.yml playbooks/stop.yml" in said
        assert not (other_checkout / "results").exists()
        wait_for(process, recorded(bench, TRIALS[0]), "the record of trial 1")
        wait_for(process, (on_load_host(lab, bench, TRIALS[1]) / "measure.log").exists, "trial 2")
        with no_ssh(app):
            time.sleep(SILENCE_S + 6)
            assert not [line for line in services().values() if "uvicorn" in line]
        assert process.wait(240) == 0
    records = [bench.read(f"trials/{trial}/record.json") for trial in TRIALS]
    assert [record["status"] for record in records] == ["ok", "failed", "ok"]
    assert records[1]["reasons"][0] == "lease-lost", records[1]["message"]
    assert "tripod-app: the lease was lost: nothing was heard of the controller" in records[1]["message"]
    assert (services(), held(lab)) == ({}, [])


@pytest.mark.parametrize("silence_s", [SILENCE_S, pytest.param(lease.SILENCE_S, marks=pytest.mark.long)])
def test_a_killed_controller_leaves_nothing(lab: Lab, bench: Bench, silence_s: float) -> None:
    """That long after kill -9 every host stops by itself, and soon no process and no lease is there."""
    lab.deploy(ONE_CELL)
    wanted = (*ONE_CELL, "-e", "duration=300s")
    with started(bench, *wanted, stage=MEASURE, silence_s=silence_s) as process:
        wait_for(process, (on_load_host(lab, bench, TRIALS[0]) / "measure.log").exists, "the trial")
        process.kill()
        process.wait(30)
        end = time.monotonic() + silence_s + 25  # 3 s when nothing else runs
        while services() or held(lab):
            assert time.monotonic() < end, (services(), held(lab))
            time.sleep(0.2)
    assert (lab.root("tripod-db") / "opt/tripod/runs" / bench.run_id / "lease-lost.json").is_file()
    assert playbook(*LAB_INVENTORY, "playbooks/stop.yml").returncode == 0
