"""Ctrl-C in the lab: every host is quiet, and what was measured is kept."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from lab_access import ELSE, MEASURED, deployed_units, exposure, process, users
from lab_runs import held, on_load_host, services, started
from playbook_runs import LAB_INVENTORY, MEASURE, ROOT, Bench, Lab
from watched_runs import wait_for

pytestmark = pytest.mark.lab

# 4 s when nothing else runs; the trials that are left would take longer than this.
STOPPED_S = 60
PASSWORD = "open sesame"  # noqa: S105 - of a user of this test alone
ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s", "-e", "duration=5s")


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


@pytest.mark.parametrize("number", [signal.SIGHUP, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_an_interrupted_run_stops_every_host(lab: Lab, bench: Bench, number: signal.Signals) -> None:
    """In the middle of trial 2: no k6, no unit and no lease is left; trial 1 is kept and shown."""
    lab.deploy(ONE_CELL)
    log = on_load_host(lab, bench, "async-uvicorn-w1-db25-r2") / "measure.log"
    with started(bench, *ONE_CELL, "-e", "repeats=30", stage=MEASURE) as process:
        wait_for(process, log.exists, "the measurement of trial 2")
        time.sleep(1.5)
        check_who_runs(lab, services())
        begun = time.monotonic()
        os.killpg(process.pid, number)  # a terminal tells the whole group
        while services():
            assert time.monotonic() - begun < STOPPED_S, services()
            time.sleep(0.1)
        assert process.wait(30) not in {0, 2}
    assert held(lab) == []
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


@pytest.fixture
def typist(lab: Lab) -> Iterator[str]:
    """Give a user whom the hosts let in, and let become root, with a password only; remove him afterwards."""
    made = "sudo useradd -m typist && echo 'typist:{0}' | sudo chpasswd && {1} | sudo tee {2}"
    sudoers = "/etc/sudoers.d/typist"
    for host in lab.hosts:
        lab.ssh(host, made.format(PASSWORD, "echo 'typist ALL=(ALL) ALL'", sudoers))
    yield "typist"
    for host in lab.hosts:
        lab.ssh(host, f"sudo rm {sudoers}; sudo pkill -u typist; sudo userdel -rf typist 2>&1; true")


def typing(command: list[str], answers: list[str]) -> tuple[subprocess.Popen[bytes], threading.Thread]:
    """Start a command at a terminal of its own, at which somebody answers its questions."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no thread yet
    )
    os.close(slave)

    def read() -> None:
        said, left = b"", list(answers)
        with suppress(OSError):  # the other end is closed
            while more := os.read(master, 4096):
                said += more
                if left and b"assword" in said and said.rstrip(b" ").endswith(b":"):
                    os.write(master, left.pop(0).encode() + b"\n")
                    said = b""
        os.close(master)

    reader = threading.Thread(target=read)
    reader.start()
    return process, reader


def test_typed_passwords_reach_channel_and_stop(lab: Lab, bench: Bench, typist: str) -> None:
    """With -k and -K the lease is kept, and after Ctrl-C every host is stopped, with what was typed once."""
    lab.deploy(ONE_CELL)
    log = on_load_host(lab, bench, "async-uvicorn-w1-db25-r1") / "measure.log"
    wanted = (*ONE_CELL, "-e", f"ansible_user={typist}", "-e", "duration=60s", "-k", "-K")
    command = bench.command(*LAB_INVENTORY, *wanted, stage=MEASURE)
    process, reader = typing(command, [PASSWORD, PASSWORD])
    try:
        wait_for(process, log.exists, "the measurement")
        shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert PASSWORD not in shown
        process.send_signal(signal.SIGINT)
        assert process.wait(STOPPED_S) not in {0, 2}
    finally:
        process.kill()
        process.wait(30)
        reader.join(30)
    assert (services(), held(lab)) == ({}, [])
    assert bench.read("end.json")["outcome"] == "interrupted"
    assert bench.read("end.json")["message"] == "the run was interrupted; finished trials are kept"
