"""What a host is seen to be: this machine itself, and cgroups as both versions write them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.tripod import busy, kernel_limits, readiness

from tripod.hosts import readiness as judging

linux = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")


def test_this_machine_is_judged_whole() -> None:
    """Whatever the machine, every point has a state, and a point that is not ready says what helps."""
    points = judging.judged(readiness.looked(), kernel_limits.limits(["net.core.somaxconn", "no.such"]), {})
    assert len(points) == 11
    assert all(point["remedy"] for point in points if point["state"] == "not ready")


@pytest.fixture
def loop() -> Any:
    """Run a process that computes all the time."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) as process:
        time.sleep(0.3)
        yield process
        process.kill()


@linux
def test_who_computes_is_named_and_a_process_does_not_name_itself(loop: subprocess.Popen[bytes]) -> None:
    """A loop beside the look is among the busiest; the look, and what it descends from, never are."""
    seen: list[dict[str, Any]] = []
    for _ in range(
        20
    ):  # on a machine where others use the cores as well, the loop may get little for a moment
        seen = busy.busy() or []
        if loop.pid in {one["pid"] for one in seen}:
            break
    assert loop.pid in {one["pid"] for one in seen}
    assert {one["pid"] for one in seen}.isdisjoint({os.getpid(), os.getppid()})
    assert all(one["share"] >= busy.LEAST_SHARE for one in seen)


@linux
def test_a_host_without_proc_is_not_known(tmp_path: Path) -> None:
    """Where no process can be seen nobody says that none computes."""
    assert busy.busy(tmp_path) is None


ONE = "0::/a/b\n"
BOTH = "1:cpu,cpuacct:/a/b:c\n0::/a/b:c\n"


@pytest.mark.parametrize(
    ("cgroups", "files", "cpus"),
    [
        (ONE, {"unified/a/b/cpu.max": "150000 100000\n", "unified/a/cpu.max": "max 100000\n"}, 1.5),
        (ONE, {"unified/a/cpu.max": "50000 100000\n", "unified/a/b/cpu.max": "100000 100000\n"}, 0.5),
        (BOTH, {"cpu/a/b:c/cpu.cfs_quota_us": "200000\n", "cpu/a/b:c/cpu.cfs_period_us": "100000\n"}, 2.0),
        (BOTH, {"cpu/a/b:c/cpu.cfs_quota_us": "-1\n", "cpu/a/b:c/cpu.cfs_period_us": "100000\n"}, None),
        (
            BOTH,
            {"cpu/system.slice/cpu.cfs_quota_us": "5\n", "cpu/system.slice/cpu.cfs_period_us": "2\n"},
            2.5,
        ),
        (ONE, {"unified/system.slice/cpu.max": "300000 100000\n"}, 3.0),
        (ONE, {"unified/other/cpu.max": "10000 100000\n"}, None),
    ],
)
def test_the_tightest_quota_above_counts(
    tmp_path: Path, cgroups: str, files: dict[str, str], cpus: float | None
) -> None:
    """Of a cgroup's own and all above it, in both versions; also that of system.slice, where services are."""
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="ascii")
    mounts = f"cgroup2 {tmp_path}/unified cgroup2 rw 0 0\ncgroup {tmp_path}/cpu cgroup rw,cpu,cpuacct 0 0\n"
    assert readiness.cpu_quota(cgroups, mounts) == {"cpus": cpus}
    assert readiness.cpu_quota(cgroups, "proc /proc proc rw 0 0\n") is None
