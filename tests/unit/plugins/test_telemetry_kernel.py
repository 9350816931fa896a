"""What is read of the kernel and of cgroups: from texts of other kernels, and on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import telemetry_texts as texts
from ansible.module_utils.tripod.telemetry import cgroup, kernel, quota

TICK_US = kernel.TICK_US
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no /proc")


def test_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nice counts as user, interrupts as system; guests, which user holds already, are not counted twice."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    found = dict(kernel.cpu(texts.STAT))
    assert found == {
        "cpu0_user_us": 12 * TICK_US,
        "cpu0_system_us": 10 * TICK_US,
        "cpu0_idle_us": 200 * TICK_US,
        "cpu0_iowait_us": 4 * TICK_US,
        "cpu0_steal_us": 1 * TICK_US,
        "cpu1_user_us": 23 * TICK_US,
        "cpu1_system_us": 13 * TICK_US,
        "cpu1_idle_us": 200 * TICK_US,
        "cpu1_iowait_us": 4 * TICK_US,
        "cpu1_steal_us": 2 * TICK_US,
        "context_switches": 9876,
    }


@pytest.mark.parametrize(("may_use", "counted"), [({1}, {"cpu1"}), ({4, 5}, {"cpu0", "cpu1"})])
def test_cores_of_a_host_that_is_kept_to_some(
    monkeypatch: pytest.MonkeyPatch, may_use: set[int], counted: set[str]
) -> None:
    """The machine's others are not its own; LXC counts from 0, and shows those only that it has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: may_use, raising=False)
    assert {name.split("_")[0] for name, _ in kernel.cpu(texts.STAT)} - {"context"} == counted


def test_memory_load_and_pressure() -> None:
    """Used is what programs cannot have; of PSI the line `some` counts."""
    meminfo = "MemTotal: 8000 kB\nMemFree: 100 kB\nMemAvailable: 3000 kB\nHugePages_Total: 0\n"
    assert dict(kernel.memory(meminfo)) == {"memory_used_kb": 5000}
    assert dict(kernel.load("0.29 1.10 2.00 2/345 6789\n")) == {"load_1m_hundredths": 29}
    psi = "some avg10=1.00 avg60=0.50 avg300=0.10 total=1234\nfull avg10=0.00 avg60=0 avg300=0 total=9\n"
    assert dict(kernel.pressure("cpu")(psi)) == {"pressure_cpu_us": 1234}


def test_interfaces_and_tcp() -> None:
    """Loopback stands apart from all others together; names may touch their first number."""
    found = dict(kernel.network(texts.NET_DEV))
    assert (found["loopback_received_bytes"], found["loopback_sent_packets"]) == (1000, 10)
    assert (found["network_received_bytes"], found["network_received_packets"]) == (5001, 52)
    assert (found["network_sent_bytes"], found["network_sent_packets"]) == (7003, 74)
    assert dict(kernel.tcp(texts.SNMP)) == {"tcp_opened": 11, "tcp_accepted": 22, "tcp_retransmits": 33}
    assert dict(kernel.tcp(texts.NETSTAT)) == {
        "tcp_listen_overflows": 4,
        "tcp_listen_drops": 5,
        "tcp_timeouts": 6,
        "tcp_syn_retransmits": 7,
    }


@linux
def test_this_kernel() -> None:
    """Every core is there, counters never fall, and what the kernel lacks (PSI may be off) has no counter."""
    source = kernel.Kernel()
    before, after = source.counters(), source.counters()
    assert {f"cpu{core}_idle_us" for core in os.sched_getaffinity(0)} <= set(before)
    assert before["memory_used_kb"] > 0
    rising = [name for name in before if name.startswith(("cpu", "tcp_", "context")) and "iowait" not in name]
    assert len(rising) > 8
    assert all(after[name] >= before[name] for name in rising)
    assert set(before) == set(after)


def test_a_kernel_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has none of that file's counters, and all others."""
    monkeypatch.setitem(kernel.SOURCES, "/proc/pressure/none", kernel.pressure("none"))
    found = kernel.Kernel().counters()
    assert "pressure_none_us" not in found


@pytest.mark.parametrize(
    ("cgroups", "mounts", "expected"),
    [
        (texts.CGROUPS_2, texts.MOUNTS_2, {"": "/sys/fs/cgroup"}),
        (
            texts.CGROUPS_1,
            texts.MOUNTS_1,
            {
                "": "/sys/fs/cgroup/unified",
                "cpu": "/sys/fs/cgroup/cpu,cpuacct",
                "cpuacct": "/sys/fs/cgroup/cpu,cpuacct",
                "name=systemd": "/sys/fs/cgroup/systemd",
            },
        ),
        ("0::/user.slice/user-0.slice/session-3.scope\n", texts.MOUNTS_2, {}),
        ("0::/system.slice/tripod-sync-w11.service\n", texts.MOUNTS_2, {}),
        ("0::/\n", texts.MOUNTS_1, {}),
    ],
)
def test_a_services_own_cgroup(cgroups: str, mounts: str, expected: dict[str, str]) -> None:
    """It is found by its unit's name, of either version; one that holds others, too, is not taken."""
    unit = "system.slice/tripod-sync-w1.service"
    found = cgroup.places(cgroups, mounts, "tripod-sync-w1")
    assert found == {controller: Path(root) / unit for controller, root in expected.items()}


@pytest.mark.parametrize(
    "files",
    [
        {"unified/cpu.stat": texts.CPU_STAT_2, "unified/memory.peak": "77\n"},
        {
            "cpu/cpuacct.usage": "2501233000\n",
            "memory/memory.max_usage_in_bytes": "77\n",
        },
    ],
    ids=["v2", "v1"],
)
def test_what_a_cgroup_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
    """Both versions give CPU time and peak memory in the same units, and the processes."""
    mounts = (
        f"cgroup2 {tmp_path}/unified cgroup2 rw 0 0\n"
        f"cgroup {tmp_path}/cpu cgroup rw,cpu,cpuacct 0 0\ncgroup {tmp_path}/memory cgroup rw,memory 0 0\n"
    )
    for name, text in files.items():
        folder, _, file = name.partition("/")
        unit = tmp_path / folder / "x.service"
        unit.mkdir(parents=True, exist_ok=True)
        (unit / file).write_text(text)
        (unit / "cgroup.procs").write_text("11\n12\n")
    (tmp_path / "mounts").write_text(mounts)
    monkeypatch.setattr(cgroup, "MOUNTS", tmp_path / "mounts")
    places = cgroup.places("3:cpu,cpuacct:/x.service\n2:memory:/x.service\n0::/x.service\n", mounts, "x")
    monkeypatch.setattr(cgroup, "places", lambda *_: places)
    source = cgroup.Cgroup(os.getpid(), "x")
    expected = {"cpu_us": 2_501_233, "memory_peak_bytes": 77}
    assert source.counters() == expected
    assert source.members() == [11, 12]
    source.close()
    assert (source.counters(), source.members()) == ({}, [])


@linux
def test_a_process_without_a_cgroup_of_its_own() -> None:
    """It counts nothing, so that the service's processes are followed instead."""
    source = cgroup.Cgroup(os.getpid(), "tripod-sync-w1")
    assert (source.counters(), source.members()) == ({}, [])


@pytest.mark.parametrize(
    ("cgroups", "files", "throttled_us"),
    [
        # the unit's own quota, and that of the container that it runs in
        (
            "0::/system.slice/x.service\n",
            {"unified/system.slice/x.service": texts.CPU_STAT_2, "unified": "throttled_usec 50\n"},
            350_050,
        ),
        # a process of a session, in a hierarchy that has no quotas at all
        ("0::/user.slice/session.scope\n", {"unified": "usage_usec 7\n"}, 0),
        # version 1 has the controller
        ("3:cpu,cpuacct:/x.service\n0::/x.service\n", {"cpu/x.service": texts.CPU_STAT_1}, 350_000),
        # the controller's hierarchy is not mounted here
        ("5:cpu:/x\n0::/x\n", {"unified/x": "usage_usec 7\n"}, None),
        ("", {}, None),
    ],
)
def test_quotas_over_a_process(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cgroups: str,
    files: dict[str, str],
    throttled_us: int | None,
) -> None:
    """All cgroups that it is in count, of either version; where nothing tells it is not known."""
    mounts = f"cgroup2 {tmp_path}/unified cgroup2 rw 0 0\n"
    if "cpuacct" in cgroups:
        mounts += f"cgroup {tmp_path}/cpu cgroup rw,cpu,cpuacct 0 0\n"
    for folder, text in files.items():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "cpu.stat").write_text(text)
    (tmp_path / "mounts").write_text(mounts)
    monkeypatch.setattr(cgroup, "MOUNTS", tmp_path / "mounts")
    found = quota.places(cgroups, mounts)
    monkeypatch.setattr(quota, "places", lambda *_: found)
    source = quota.Throttling(os.getpid())
    assert source.counters() == ({} if throttled_us is None else {"throttled_us": throttled_us})
    source.close()
    assert source.counters() == {}
