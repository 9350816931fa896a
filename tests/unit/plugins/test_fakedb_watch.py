"""The fake database around a trial, as the DB host's module watches it."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.tripod import databases
from free_ports import free_port

from tripod.trial.counted import counted

ROOT = Path(__file__).parents[3]


@pytest.fixture
def service() -> Iterator[dict[str, Any]]:
    """Run the fake database at 2 ms; return what the module is told of it."""
    port = free_port()
    command = [sys.executable, "-m", "fakedb", "--sleep", "2", "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told = {"name": "tripod-fakedb-db2", "database": "fakedb", "address": "127.0.0.1", "port": port}
        yield told | {"sleep_ms": 2, "pid": process.pid}
        process.terminate()


def test_what_it_counted_is_told_at_the_end(service: dict[str, Any]) -> None:
    """Requests of the trial, and how exactly they were answered; once it is gone there is nothing to tell."""
    watch = databases.for_service(service, "/nowhere")
    assert databases.prove(watch, service["pid"])[1] is None
    assert watch.begin() is None
    for _ in range(3):
        urllib.request.urlopen(f"http://127.0.0.1:{service['port']}/value").read()
    told = counted("fakedb", databases.for_service(service, "/nowhere").end(), None, 60)["fakedb"]
    assert told
    assert (told["requests"], told["answered"], told["in_flight_max"], told["sleep_ms"]) == (3, 3, 1, 2)
    assert sum(told["histogram"].values()) == 3
    assert 0 < told["in_flight_mean"] <= 1
    gone = databases.for_service(service | {"port": free_port()}, "/nowhere")
    assert gone.end() is None


def test_another_latency_than_the_plan_s_is_refused(service: dict[str, Any]) -> None:
    """A database that waits for something else than was asked is not ready; the message names both."""
    watch = databases.for_service(service | {"sleep_ms": 25}, "/nowhere")
    seen, problem = databases.prove(watch, service["pid"])
    assert seen["sleep_ms"] == 2
    assert "tripod-fakedb-db2 answers after 2 ms, the plan says 25 ms" in problem
