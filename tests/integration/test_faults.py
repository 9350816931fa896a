"""Faults in the middle of a run on this machine: each costs the trial in flight, and its cause is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from localhost_processes import APP_PORT, PORTS, held, kill, measuring, processes
from playbook_runs import MEASURE, ROOT, Bench, deploy, playbook
from watched_runs import LIMIT_S, recorded, started, wait_for

pytestmark = pytest.mark.localhost

# 3 s when nothing else runs; the trials that are left would take longer than this.
STOPPED_S = 60
ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s", *PORTS)


@pytest.fixture(scope="module", autouse=True)
def _deployed() -> None:
    """Deploy the one cell once, for all tests but the last, which deploys others: the rest measures alone."""
    deploy("-e", "matrix=quick", *ONE_CELL)


@contextmanager
def foreign_listener(process: subprocess.Popen[str], port: int) -> Iterator[None]:
    """Take the port as soon as it is free."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def bound() -> bool:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                return False
            return True

        wait_for(process, bound, f"port {port}")
        listener.listen()
        yield


def test_each_fault_costs_its_trial_only(bench: Bench) -> None:
    """App, database, k6 killed, a foreigner on the port: four trials fail, each with its cause."""
    trials = [f"async-uvicorn-w1-db25-r{repeat}" for repeat in range(1, 6)]
    with started(bench, *ONE_CELL, "-e", "duration=5s", "-e", "repeats=5", stage=MEASURE) as process:
        for trial, part in zip(trials, ("async_app:app", "-m fakedb", "/bin/k6 run"), strict=False):
            wait_for(process, measuring(bench, trial), f"the measurement of {trial}")
            kill(part)
        with foreign_listener(process, APP_PORT):
            wait_for(process, recorded(bench, trials[3]), f"the record of {trials[3]}")
        assert process.wait(LIMIT_S) == 0
    assert bench.tabulate().returncode == 2
    records = [bench.read(f"trials/{trial}/record.json") for trial in trials]
    assert [record["status"] for record in records] == ["failed"] * 4 + ["ok"]
    assert [record["reasons"][0] for record in records[:4]] == [
        "app-gone",
        "db-gone",
        "k6-failed",
        "port-taken",
    ]
    assert "killed by SIGKILL" in records[2]["message"]
    assert f"process {os.getpid()} (" in records[3]["message"]  # who has the port
    assert records[3]["k6"] == []
    row = bench.read("summary.json")["rows"][0]
    assert (row["trials"], row["trials_failed"], row["status"]) == (5, 4, "ok")
    assert processes() == {}


# A closed terminal is in every `make test` with the lab, over SSH.
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.long)]
)
def test_an_interrupted_run_leaves_nothing_and_loses_nothing(bench: Bench, number: signal.Signals) -> None:
    """Ctrl-C in the second trial: nothing runs any more; the first trial is kept and shown."""
    with started(bench, *ONE_CELL, "-e", "duration=4s", "-e", "repeats=30", stage=MEASURE) as process:
        wait_for(process, measuring(bench, "async-uvicorn-w1-db25-r2"), "the second trial")
        begun = time.monotonic()
        if number != signal.SIGTERM:
            os.killpg(process.pid, number)  # a terminal tells the whole group
        else:
            process.send_signal(number)
        while processes():
            assert time.monotonic() - begun < STOPPED_S, processes()
            time.sleep(0.1)
        assert process.wait(30) != 0
    assert held() == []
    assert bench.read("end.json")["outcome"] == "interrupted"
    assert bench.read("trials/async-uvicorn-w1-db25-r1/record.json")["status"] == "ok"
    shown = bench.tabulate()
    assert shown.returncode == 2
    assert "async_app:app" in shown.stdout
    assert "interrupted" in shown.stdout


def check_continued(bench: Bench, trials: int) -> list[str]:
    """Continue the run: nothing of it is edited, each trial counts once; return what was left."""
    before = {path: path.read_bytes() for path in bench.directory.rglob("*.json") if path.is_file()}
    done = playbook(MEASURE, "-e", f"run_id={bench.run_id}", "-e", "resume=true", *PORTS)
    assert done.returncode == 0, done.stdout[-4000:]
    assert {path: path.read_bytes() for path in before} == before
    assert (processes(), held()) == ({}, [])
    assert bench.read("end.1.json")["outcome"] == "completed"
    bench.tabulate()
    table = bench.read("summary.json")
    assert (table["trials"], table["trials_failed"], table["problems"]) == (trials, 0, [])
    assert len(table["rows"][0]["rps_per_trial"]) == trials
    return [trial["trial"] for trial in bench.read("plan.1.json")["trials"]]


def test_after_kill_9_a_run_is_continued(bench: Bench) -> None:
    """In trial 2 of 3: the host, which is still held, is waited for; the rest is measured, and trial 1 stays.

    results/latest moves with the first trial, not with the plan.
    """
    latest = ROOT / "results/latest"
    first, second, third = (f"async-uvicorn-w1-db25-r{repeat}" for repeat in (1, 2, 3))
    asked = (*ONE_CELL, "-e", "duration=1s", "-e", "repeats=3")
    with started(bench, *asked, stage=MEASURE, silence_s=9.0) as process:
        wait_for(process, (bench.directory / "trials").exists, "the run")
        assert not latest.is_symlink() or latest.readlink().name != bench.run_id
        wait_for(process, recorded(bench, first), "the record of trial 1")
        wait_for(process, (bench.directory / "trials" / second).exists, "trial 2")
        assert latest.readlink() == Path(bench.run_id)
        process.kill()
        process.wait(30)
    left = check_continued(bench, trials=3)
    # Who works on the trial in flight may bring it to its end; then it counts.
    assert left in ([third], [f"{second}-try2", third])
    assert not (bench.directory / "end.json").exists()


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting needs root, on Linux")
def test_a_full_disk_costs_the_trial_that_did_not_fit(bench: Bench) -> None:
    """The run ends and says why; with room again it is continued, and the trials that fitted stay."""
    trials = bench.directory / "trials"
    asked = (*ONE_CELL, "-e", "duration=1s", "-e", "repeats=12")
    with started(bench, *asked, stage=MEASURE) as process:
        wait_for(process, (bench.directory / "plan.json").exists, "the plan")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", trials], check=True)
        try:
            assert process.wait(LIMIT_S) != 0
            measured = [path.parent.name for path in trials.glob("*/record.json")]
            assert 0 < len(measured) < 12
            assert bench.read("end.json")["outcome"] == "failed"
            subprocess.run(["mount", "-o", "remount,size=50m", trials], check=True)
            left = check_continued(bench, trials=12)
            assert len(left) == 12 - len(measured)
        finally:
            subprocess.run(["umount", trials], check=True)


def test_an_app_that_never_becomes_ready_and_one_that_listens_twice(bench: Bench, tmp_path: Path) -> None:
    """Each fails its trial with its cause: one's log, the other's place; the next is measured."""
    (tmp_path / "stray.py").write_text(
        "import os, socket, sys\nsys.path.append(os.getcwd())\n"
        "kept = socket.create_server(('0.0.0.0', 0))\nfrom async_app import app\n"
    )
    matrix = tmp_path / "broken.yml"
    matrix.write_text(
        "name: broken\nextends: quick\nstacks:\n"
        "  - {name: broken, mode: async, workers: [1],"
        " command: 'uvicorn --workers {workers} --log-level error no_such_app:app'}\n"
        "  - {name: stray, mode: async, workers: [2],"
        f" command: 'uvicorn --workers {{workers}} --log-level error --app-dir {tmp_path} stray:app'}}\n"
        "  - {name: sound, mode: async, workers: [1],"
        " command: 'uvicorn --workers {workers} --log-level error async_app:app'}\n"
    )
    done = bench.run("-e", f"matrix={matrix}", "-e", "duration=2s", "-e", "warmup=0s", *PORTS)
    assert done.returncode == 2, done.stdout[-4000:]
    broken = bench.read("trials/broken-w1-db25-r1/record.json")
    assert broken["status"] == "failed"
    assert broken["reasons"] == ["app-gone", "not-ready"]
    assert "no_such_app" in "\n".join(broken["services"]["app"]["log_tail"])
    stray = bench.read("trials/stray-w2-db25-r1/record.json")
    assert stray["reasons"] == ["listens-elsewhere"]
    assert "tripod-stray-w2 listens on 0.0.0.0:" in stray["message"]
    assert f"allowed: 127.0.0.1:{APP_PORT} and nothing else" in stray["message"]
    assert bench.read("trials/sound-w1-db25-r1/record.json")["status"] == "ok"
    table = (bench.directory / "table.md").read_text()
    assert "broken" in table
    assert "listens on 0.0.0.0:" in table
    assert processes() == {}
