"""What a host is, for hosts.json, from Ansible's facts on Linux and on macOS."""

from __future__ import annotations

from typing import Any

import pytest

from tripod.hosts import observed
from tripod.runs.documents import problem_of

LINUX: dict[str, Any] = {
    "distribution": "Debian",
    "distribution_version": "12.11",
    "kernel": "6.1.0",
    "architecture": "x86_64",
    "processor": ["0", "AuthenticAMD", "AMD EPYC", "1", "AuthenticAMD", "AMD EPYC"],
    "processor_nproc": 1,
    "processor_vcpus": 2,
    "memtotal_mb": 4096,
    "virtualization_type": "kvm",
    "virtualization_role": "guest",
    "python_version": "3.11.2",
}
MAC: dict[str, Any] = {
    "distribution": "MacOSX",
    "distribution_version": "15.1",
    "kernel": "24.1.0",
    "architecture": "arm64",
    "processor": "Apple M2",
    "processor_vcpus": "8",
    "memtotal_mb": 16384,
    "python_version": "3.13.1",
}
SEEN = {
    "packages": {"uv": "1.0"},
    "limits": {},
    "clock": {"offset_s": None, "boot_time": None, "network_namespace": None},
    "database": None,
    "readiness": {
        "governors": None,
        "turbo": None,
        "smt": None,
        "swap_bytes": None,
        "cpus": 2,
        "cpus_usable": None,
        "cpu_quota": None,
        "virtualisation": None,
        "busy": [],
        "clock": None,
        "open_files": {"most": 256, "wanted": 65_536},
    },
}


@pytest.mark.parametrize(
    ("facts", "system", "model", "cpus", "virtualisation"),
    [
        (LINUX, "Debian 12.11", "AMD EPYC", 1, "kvm"),
        (MAC, "MacOSX 15.1", "Apple M2", 8, None),
        (LINUX | {"virtualization_role": "host"}, "Debian 12.11", "AMD EPYC", 1, "none"),
        (LINUX | {"processor": ["0", "1", "2", "3"]}, "Debian 12.11", None, 1, "kvm"),
    ],
)
def test_a_host_as_hosts_json_has_it(
    facts: dict[str, Any], system: str, model: str | None, cpus: int, virtualisation: str | None
) -> None:
    """Every key is there in its type; processors are those that processes may use, where it is known."""
    told = observed.described(facts, SEEN | {"changed": False}, "10.0.0.1", {"net.core.somaxconn": 4096})
    assert (told["system"], told["cpu_model"], told["cpus"]) == (system, model, cpus)
    assert told["virtualisation"] == virtualisation
    assert {point["what"]: point["state"] for point in told["readiness"]}["open files"] == "not ready"
    assert told["memory_bytes"] == facts["memtotal_mb"] * 1024 * 1024
    hosts = {"one": told | {"legs": ["load", "app", "db"]}}
    document = {"format": 2, "hosts": hosts, "pairs": [], "separations": [], "separation": "one-host"}
    assert problem_of(document, "hosts") is None
