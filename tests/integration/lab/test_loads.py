"""Two load hosts in the lab: they offer one load from one time on, and end together."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import watched_runs
import yaml
from lab_runs import no_ssh, services
from playbook_runs import LAB_INVENTORY, ROOT, SECOND_LOAD, Bench, Lab
from watched_runs import recorded, wait_for

pytestmark = [pytest.mark.lab, pytest.mark.long]

TWO = (*LAB_INVENTORY, *SECOND_LOAD)
ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=1s")
TRIAL = "async-uvicorn-w1-db25-r1"
LOADS = ["tripod-load", "tripod-load2"]


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Lab:
    """Give the lab with a second load host, which stays for whoever comes next."""
    (second,) = yaml.safe_load((ROOT / SECOND_LOAD[1]).read_text(encoding="utf-8")).values()
    hosts = {name: told["ansible_host"] for name, told in second["children"]["load"]["hosts"].items()}
    lab.up(loads=2)
    return Lab(lab.hosts | hosts)


@pytest.mark.alone
@pytest.mark.usefixtures("pair")
def test_two_load_hosts_are_one_load(bench: Bench) -> None:
    """All users are there, both begin within 1 % of the duration, and each leaves files of its own."""
    done = bench.run(*TWO, *ONE_CELL, "-e", "load=saturate", "-e", "vus=9", "-e", "duration=5s")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    record = bench.read(f"trials/{TRIAL}/record.json")
    assert [k6["host"] for k6 in record["k6"]] == LOADS
    started = record["start_skew"]
    assert started["skew_s"] + started["error_s"] < 0.05
    assert all(0 <= host["late_s"] < 0.05 for host in started["hosts"].values())
    folder = bench.directory / "trials" / TRIAL
    summaries = [json.loads(gzip.decompress((folder / f"k6.{host}.json.gz").read_bytes())) for host in LOADS]
    assert [summary["metrics"]["vus_max"]["values"]["max"] for summary in summaries] == [5, 4]
    for host in LOADS:
        assert (folder / f"measure.{host}.log").is_file()
        assert (folder / f"warmup.{host}.json.gz").is_file()
    (row,) = bench.read("summary.json")["rows"]
    assert "load-skew" not in (*row["reasons"], *row["not_judged"])
    counts = [summary["metrics"]["tripod_ok_requests"]["values"]["count"] for summary in summaries]
    assert row["rps"] == pytest.approx(sum(counts) / 5)
    assert row["failed_requests"] == 0
    assert services() == {}


def measuring(host: str) -> int | None:
    """Return the PID, on this machine, of the k6 that measures on a load host; None if there is none."""
    for pid, line in services().items():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue  # it has ended
        if "k6 run" in line and f"/k6.{host}.json\0".encode() in environment:
            return pid
    return None


def both_measure() -> bool:
    """Whether the k6 of each load host measures."""
    return all(measuring(host) for host in LOADS)


def ended(bench: Bench, by: Callable[[], AbstractContextManager[None]]) -> tuple[float, Any]:
    """Disturb a trial of two minutes; return how long the first host's k6 went on, in s, and the record."""
    choice = (*TWO, *ONE_CELL, "-e", "duration=120s")
    with watched_runs.started(bench, *choice, silence_s=120) as process:
        wait_for(process, both_measure, "the measurement")
        time.sleep(2)
        with by():
            begun = time.monotonic()
            wait_for(process, lambda: measuring(LOADS[0]) is None, "the end of k6 on the first host")
            took_s = time.monotonic() - begun
        wait_for(process, recorded(bench, TRIAL), "the record")
        assert process.wait(120) == 2
    return took_s, bench.read(f"trials/{TRIAL}/record.json")


@pytest.mark.usefixtures("pair")
def test_a_k6_that_fails_ends_the_other(bench: Bench) -> None:
    """Killed on the second load host, it ends on the first one at once, and the trial has failed for that."""

    @contextmanager
    def killed() -> Iterator[None]:
        os.kill(measuring(LOADS[1]) or 0, signal.SIGKILL)
        yield

    took_s, record = ended(bench, killed)
    assert took_s < 5
    assert record["reasons"] == ["k6-failed"]
    assert record["message"].startswith("tripod-load2: k6 failed in the measure phase: ")
    assert [k6["exit_code"] for k6 in record["k6"]] == [-9, -9]
    assert services() == {}


def test_a_load_host_that_is_lost_ends_the_other(pair: Lab, bench: Bench) -> None:
    """Its connection breaks in mid-trial: the first one's k6 ends at once, not when two minutes are over."""
    took_s, record = ended(bench, lambda: no_ssh(pair.hosts[LOADS[1]]))
    assert took_s < 30  # SSH itself looks every 15 s whether its host is there
    assert record["reasons"][0] == "unreachable"
    assert record["message"].startswith("tripod-load2: ")
