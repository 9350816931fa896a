"""Runs in the lab that lose a host for good: what was measured stays, and the rest is measured later."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from lab_runs import held, no_answer, on_load_host, services, started
from playbook_runs import LAB_INVENTORY, MEASURE, ROOT, Bench, Lab, playbook
from watched_runs import recorded, wait_for

pytestmark = [pytest.mark.lab, pytest.mark.long]

CELLS = ("-e", "only=async-uvicorn,def-uvicorn", "-e", "workers=1", "-e", "warmup=0s", "-e", "seed=1")


def deploy(lab: Lab) -> None:
    """Put the services of both cells on the hosts."""
    unit = lab.root("tripod-app") / "etc/systemd/system/tripod-def-uvicorn-w1.service"
    if not unit.exists():
        for stage in ("provision", "deploy"):
            done = playbook(*LAB_INVENTORY, f"playbooks/{stage}.yml", "-e", "matrix=quick", *CELLS)
            assert done.returncode == 0, done.stdout[-4000:]


def check_continued(bench: Bench, kept: list[str]) -> dict[str, int]:
    """Continue the run: four trials count, each once, and what was kept is as it was; return their blocks."""
    before = {path: path.read_bytes() for path in bench.directory.rglob("record.json")}
    begun = time.monotonic()
    done = playbook(*LAB_INVENTORY, "bench.yml", "-e", f"run_id={bench.run_id}", "-e", "resume=true")
    print(f"continued in {time.monotonic() - begun:.1f} s")
    assert done.returncode == 0, done.stdout[-6000:]
    assert {path: path.read_bytes() for path in before} == before
    summary = bench.read("summary.json")
    assert (summary["trials"], summary["trials_failed"], summary["problems"]) == (4, 0, [])
    assert [len(row["rps_per_trial"]) for row in summary["rows"]] == [2, 2]
    planned = {trial["trial"]: trial for trial in bench.read("plan.json")["trials"]}
    left = {trial["trial"]: trial for trial in bench.read("plan.1.json")["trials"]}
    assert len(left) == 4 - len(kept)
    assert not {trial.get("instead_of", name) for name, trial in left.items()} & set(kept)
    return {name: trial["block"] for name, trial in left.items()} | {
        name: planned[name]["repeat"] for name in kept
    }


def order(bench: Bench) -> list[str]:
    """Return the trials in their order, as soon as they are planned."""
    return [trial["trial"] for trial in bench.read("plan.json")["trials"]]


def power_off(lab: Lab, host: str) -> None:
    """Kill everything of a host at once."""
    command = ["sh", "roles/lab/files/host.sh", str(lab.folder), "0", "stop", host]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)


def test_a_host_that_is_booted_ends_the_run_which_is_continued(lab: Lab, bench: Bench) -> None:
    """The app host loses power in trial 2 of 4: trial 1 stays, the rest of its block is one of its own."""
    deploy(lab)
    with started(bench, *CELLS, "-e", "duration=6s", "-e", "repeats=2", stage=MEASURE) as process:
        wait_for(process, (bench.directory / "plan.json").exists, "the plan")
        first, second, *_ = order(bench)
        wait_for(process, recorded(bench, first), "the record of trial 1")
        wait_for(process, (on_load_host(lab, bench, second) / "measure.log").exists, "trial 2")
        begun = time.monotonic()
        power_off(lab, "tripod-app")
        lab.up()
        assert process.wait(240) not in {0, 2} or bench.read("end.json")["outcome"] == "failed"
        print(f"ended {time.monotonic() - begun:.1f} s after the power was cut")
    record = bench.read(f"trials/{second}/record.json")
    assert set(record["reasons"]) & {"unreachable", "lease-lost"}, record["reasons"]
    assert [path.parent.name for path in bench.directory.glob("trials/*/k6.json.gz")].count(first) == 1
    blocks = check_continued(bench, [first])
    assert blocks[first] == 1
    assert blocks[f"{second}-try2"] == 3
    assert sorted(blocks.values()) == [1, 2, 2, 3]
    assert (services(), held(lab)) == ({}, [])


@pytest.mark.parametrize("host", ["tripod-db", "tripod-load"])
def test_a_host_that_is_away_is_waited_for(lab: Lab, bench: Bench, host: str) -> None:
    """It is cut off in trial 2 of 4, for longer than its lease bears: one trial is lost."""
    deploy(lab)
    wanted = (*CELLS, "-e", "duration=4s", "-e", "repeats=2")
    with started(bench, *wanted, stage=MEASURE, silence_s=15.0) as process:
        wait_for(process, (bench.directory / "plan.json").exists, "the plan")
        first, second, third, fourth = order(bench)
        wait_for(process, (on_load_host(lab, bench, second) / "measure.log").exists, "trial 2")
        with no_answer(lab.hosts[host]):
            wait_for(process, recorded(bench, second), "the record of trial 2")
            wait_for(process, (bench.directory / "trials" / third).exists, "the wait before trial 3")
            time.sleep(25)
            assert not recorded(bench, third)()
        assert process.wait(240) == 0
    statuses = {trial: bench.read(f"trials/{trial}/record.json")["status"] for trial in order(bench)}
    assert statuses == {first: "ok", second: "failed", third: "ok", fourth: "ok"}
    assert bench.read("end.json")["outcome"] == "completed"
    blocks = check_continued(bench, [first, third, fourth])
    assert blocks[f"{second}-try2"] == 1
    assert (services(), held(lab)) == ({}, [])


def test_kill_9_in_the_lab(lab: Lab, bench: Bench) -> None:
    """The controller is killed in trial 2 of 4: the hosts stop by themselves, and are waited for."""
    deploy(lab)
    wanted = (*CELLS, "-e", "duration=20s", "-e", "repeats=2")
    with started(bench, *wanted, stage=MEASURE, silence_s=9.0) as process:
        wait_for(process, (bench.directory / "plan.json").exists, "the plan")
        first, second, *_ = order(bench)
        wait_for(process, (on_load_host(lab, bench, second) / "measure.log").exists, "trial 2")
        process.kill()
        process.wait(30)
    assert not (bench.directory / "end.json").exists()
    blocks = check_continued(bench, [first])
    assert blocks[f"{second}-try2"] == 1
    assert (services(), held(lab)) == ({}, [])
    assert not Path(bench.directory / "trials" / second / "k6.json.gz").exists()
