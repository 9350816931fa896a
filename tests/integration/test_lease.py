"""Two runs on this machine, and a controller that is killed: it is one run's, and stops by itself."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from localhost_processes import PORTS, held, measuring, processes
from module_runs import run as run_module
from playbook_runs import Bench, playbook
from watched_runs import recorded, started, wait_for

pytestmark = pytest.mark.localhost

ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s", *PORTS)
TRIAL = "async-uvicorn-w1-db25-r1"
SILENCE_S = 9.0
# Beyond silence: k6, services and supervisord end.
STOPPED_S = 20.0


def test_a_second_run_is_refused_and_a_killed_one_ends(bench: Bench) -> None:
    """The second changes nothing, and says who has the machine; kill -9 of the first ends all by itself.

    The trial in flight is recorded with its cause, and no other begins.
    """
    with started(bench, *ONE_CELL, "-e", "duration=90s", "-e", "repeats=3", silence_s=SILENCE_S) as process:
        wait_for(process, measuring(bench, TRIAL), "the measurement")
        second = Bench(f"{bench.run_id}-second")
        before = processes()
        for stage in ("bench", "playbooks/reset"):
            begun = time.monotonic()
            done = playbook(*second.command(stage=f"{stage}.yml")[1:])
            assert time.monotonic() - begun < 30  # 4 s when nothing else runs
            assert done.returncode != 0
            said = " ".join(done.stdout.split())
            assert f"localhost is held by run {bench.run_id} of " in said, said
            assert f"process {process.pid} there" in said
            assert "end it, as that user or root: .venv/bin/ansible-playbook playbooks/stop.yml" in said
        assert not second.directory.exists()
        assert before.keys() <= processes().keys()
        process.kill()
        process.wait(30)
        end = time.monotonic() + SILENCE_S + STOPPED_S
        while processes() or held() or not recorded(bench, TRIAL)():
            assert time.monotonic() < end, (processes(), held())
            time.sleep(0.1)
    record = bench.read(f"trials/{TRIAL}/record.json")
    assert (record["status"], record["reasons"][0]) == ("failed", "lease-lost")
    assert f"nothing was heard of the controller for {SILENCE_S:g} s" in record["message"]
    assert len(list((bench.directory / "trials").iterdir())) == 1
    assert not (bench.directory / "end.json").exists()


def test_stop_ends_a_run_that_goes_on(bench: Bench) -> None:
    """stop.yml from elsewhere breaks the lease: the trial in flight says so, and no other follows."""
    with started(bench, *ONE_CELL, "-e", "duration=60s", "-e", "repeats=9") as process:
        wait_for(process, measuring(bench, TRIAL), "the measurement")
        done = playbook("playbooks/stop.yml")
        assert done.returncode == 0, done.stdout
        assert processes("/bin/k6 run") == {}
        assert process.wait(60) not in {0, 2} or bench.read("end.json")["outcome"] == "failed"
    record = bench.read(f"trials/{TRIAL}/record.json")
    assert record["reasons"][0] == "lease-lost"
    assert "ended the run with stop.yml" in record["message"]
    assert (processes(), held()) == ({}, [])


def keepers() -> list[int]:
    """Return the keepers of this machine: those of other hosts have SSH for a child, not a connector."""
    listed = subprocess.run(["ps", "-axwwo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    running = {int(pid): (int(parent), line) for pid, parent, line in map(_split, listed.stdout.splitlines())}
    above = {
        parent
        for parent, line in running.values()
        if "/connector.py" in line and not line.split()[0].endswith("ssh")
    }
    return [pid for pid in above if "tripod.lease.keeper" in running.get(pid, (0, ""))[1]]


def _split(line: str) -> list[str]:
    return line.split(maxsplit=2)


@pytest.mark.long
def test_a_keeper_that_dies_costs_no_more_than_its_silence(bench: Bench) -> None:
    """The trial that goes on then is lost; the next takes the lease again, which is kept to the end."""
    asked = (*ONE_CELL, "-e", f"duration={2 * SILENCE_S:g}s", "-e", "repeats=3")
    with started(bench, *asked, silence_s=SILENCE_S) as process:
        wait_for(process, measuring(bench, TRIAL), "the measurement")
        [keeper] = keepers()
        os.kill(keeper, signal.SIGKILL)
        assert process.wait(240) == 2
    records = [bench.read(f"trials/async-uvicorn-w1-db25-r{repeat}/record.json") for repeat in (1, 2, 3)]
    assert [record["status"] for record in records] == ["failed", "ok", "ok"]
    assert records[0]["reasons"][0] == "lease-lost"
    assert (processes(), held()) == ({}, [])


def test_what_is_no_lock_is_named(bench: Bench) -> None:
    """A pipe at the lock's place, and a lock that no run has, end a run before it begins."""
    place = Path("/var/tmp/tripod-lease")  # noqa: S108 - its one place
    os.mkfifo(place)
    try:
        squatted = bench.run()
    finally:
        place.unlink()
    assert "Remedy: look what it is, then sudo rm -r /var/tmp/tripod-lease" in " ".join(
        squatted.stdout.split()
    )
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        locked = bench.run()
        place.unlink()
    assert "localhost is held by a program that does not say what it is" in " ".join(locked.stdout.split())
    assert squatted.returncode != 0
    assert locked.returncode != 0
    assert not bench.directory.exists()


def test_a_load_host_without_a_lease_says_so_in_a_trial(tmp_path: Path) -> None:
    """It has no service to start or to observe, and must not seem well; whoever ends a run needs no lease."""
    told = {"manager": "supervisor", "root": str(tmp_path), "lease": "tripod-nobody-has-this"}
    for step in ({"start": []}, {"observe": []}):
        said = run_module("tripod_services", told | step)
        assert said.get("failed_at") == "lease", said
        assert "the lease was lost: its holder is gone" in said["msg"]
    ended = run_module("tripod_services", told | {"end": True})
    assert not ended.get("failed"), ended
