"""A host's readiness: what is judged ready, what not, and what nobody knows, with remedies."""

from __future__ import annotations

from typing import Any

import pytest

from tripod.hosts import readiness

QUIET: dict[str, Any] = {
    "governors": ["performance"],
    "turbo": False,
    "smt": False,
    "swap_bytes": 0,
    "cpus": 8,
    "cpus_usable": 8,
    "cpu_quota": {"cpus": None},
    "virtualisation": "none",
    "busy": [],
    "clock": {"synchronised": True, "most_off_s": 0.002},
    "open_files": {"most": 1_048_576, "wanted": 65_536},
}
WANTED = {
    "net.core.somaxconn": 4096,
    "net.ipv4.ip_local_port_range": "1024 65535",
    "net.ipv4.tcp_tw_reuse": 1,
}
LIMITS = {
    "net.core.somaxconn": "4096",
    "net.ipv4.ip_local_port_range": "1024 65535",
    "net.ipv4.tcp_tw_reuse": "1",
}


def test_a_quiet_machine_is_ready_in_every_point() -> None:
    """Nothing needs a remedy, and one line says all."""
    points = readiness.judged(QUIET, LIMITS, WANTED)
    assert {(point["state"], point["remedy"]) for point in points} == {("ready", None)}
    [line] = readiness.lines(points, "app-1")
    assert line.startswith("app-1: ready: governor, turbo, SMT, swap")


@pytest.mark.parametrize(
    ("what", "change", "found", "remedy"),
    [
        (
            "governor",
            {"governors": ["performance", "powersave"]},
            "performance and powersave",
            "-e tune=true",
        ),
        ("turbo", {"turbo": True}, "on", "-e tune=true"),
        ("SMT", {"smt": True}, "on", "smt/control"),
        ("swap", {"swap_bytes": 2**31}, "2.0 GiB", "swapoff -a"),
        ("cores", {"cpus_usable": 2}, "2 of 8 may be used", "cpuset"),
        ("CPU quota", {"cpu_quota": {"cpus": 1.5}}, "1.5 CPUs", "lift it"),
        ("virtualisation", {"virtualisation": "kvm"}, "kvm", "of your own"),
        (
            "other processes",
            {"busy": [{"pid": 7, "name": "yes", "share": 0.97}]},
            "yes (97% of a core)",
            "stop",
        ),
        ("clock", {"clock": {"synchronised": False, "most_off_s": 16.0}}, "nothing keeps it right", "chrony"),
        ("open files", {"open_files": {"most": 256, "wanted": 65_536}}, "at most 256", "ulimit -Hn 65536"),
    ],
)
def test_what_is_not_ready_says_what_was_found_and_the_remedy(
    what: str, change: dict[str, Any], found: str, remedy: str
) -> None:
    """One fault makes one point not ready and leaves the others."""
    bad = [point for point in readiness.judged(QUIET | change, LIMITS, WANTED) if point["state"] != "ready"]
    [point] = bad
    assert (point["what"], point["state"]) == (what, "not ready")
    assert found in point["found"]
    assert remedy in point["remedy"]
    told = readiness.lines(bad, "app-1")
    assert told == [
        "app-1: ready: nothing",
        f"  not ready: {what}: {point['found']}. Remedy: {point['remedy']}",
    ]


@pytest.mark.parametrize(
    "key", ["governors", "turbo", "smt", "swap_bytes", "cpus_usable", "cpu_quota", "virtualisation", "clock"]
)
def test_what_the_system_does_not_tell_is_not_called_ready(key: str) -> None:
    """As on macOS, or in a VM without cpufreq."""
    [point] = [
        point for point in readiness.judged(QUIET | {key: None}, LIMITS, WANTED) if point["state"] != "ready"
    ]
    assert (point["state"], point["remedy"]) == ("not known", None)


@pytest.mark.parametrize(
    ("limits", "state"),
    [
        ({}, "not known"),
        ({"net.core.somaxconn": "65535"}, "ready"),
        ({"net.core.somaxconn": "128"}, "not ready"),
        ({"net.ipv4.ip_local_port_range": "1000 65535"}, "ready"),
        ({"net.ipv4.ip_local_port_range": "32768 60999"}, "not ready"),
        ({"net.ipv4.tcp_tw_reuse": "2"}, "ready"),  # for loopback, which is what localhost uses
        ({"net.ipv4.tcp_tw_reuse": "0"}, "not ready"),
    ],
)
def test_limits_may_be_wider_than_wanted(limits: dict[str, str], state: str) -> None:
    """More than wanted is enough; a range counts with both ends; the remedy is what to type."""
    [point] = [one for one in readiness.judged(QUIET, limits, WANTED) if one["what"] == "kernel limits"]
    assert point["state"] == state
    assert state != "not ready" or "sysctl -w 'net." in point["remedy"]
