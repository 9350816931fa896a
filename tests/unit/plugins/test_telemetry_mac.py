"""What psutil tells where there is no /proc; psutil itself is the same on every system."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible.module_utils.tripod.telemetry import mac, packing

from tripod.stats.series import Series, Window


def test_the_host() -> None:
    """It counts cores, memory and traffic, and nothing that psutil does not know, such as steal."""
    before, after = mac.Kernel().counters(), mac.Kernel().counters()
    cores = os.cpu_count() or 0
    assert cores
    for core in range(cores):
        assert after[f"cpu{core}_idle_us"] >= before[f"cpu{core}_idle_us"]
    assert before["memory_used_kb"] > 0
    assert before["loopback_sent_bytes"] <= after["loopback_sent_bytes"]
    assert not [name for name in before if name.endswith(("_steal_us", "_iowait_us")) or "pressure" in name]


def test_what_it_does_not_know_is_unknown_in_the_window() -> None:
    """There are shares of busy cores, and None for steal, PSI and TCP."""
    kernel = mac.Kernel()
    first = kernel.counters()
    rows = [["trial", "a-r1", list(first)]]
    for second in range(3):
        counters = {name: value + second * 1_000_000 for name, value in first.items()}
        rows.append(["host", second * 1_000_000, second * 1_000_000, 0, list(counters.values())])
    series = Series(packing.packed(rows))
    activity = series.activity("h", Window(0, 2_000_000), alone=False, clock_error_s=0)
    assert activity.core_busy
    assert (activity.core_steal, activity.core_iowait, activity.pressure_cpu) == (None, None, None)
    assert (activity.listen_overflows, activity.connections_opened) == (None, None)


def test_a_service() -> None:
    """Its children belong to it; one that is gone has no sample."""
    script = "import os, sys\nos.fork()\nprint(flush=True)\nsys.stdin.read()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        process.stdout.readline()
        sample = mac.Service(process.pid, "x").sample()
        assert sample
        assert process.pid in sample["of"]
        assert (sample["processes"], sample["threads"], len(sample["of"])) == (2, 2, 2)
        assert sample["memory_bytes"] > 1_000_000
        assert process.stdin
        process.stdin.close()
        process.wait()
    assert mac.Service(process.pid, "x").sample() is None


def test_without_psutil_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are not available then; they are not zero."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert not mac.available()
    assert mac.Kernel().counters() == {}
    assert mac.Service(os.getpid(), "x").sample() is None
