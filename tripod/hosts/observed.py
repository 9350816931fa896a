"""What a host is, for hosts.json: put together from Ansible's facts and from what those leave out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.hosts import readiness

# In Ansible's list of processors, each has its number, its vendor, and its model.
_PARTS_OF_PROCESSOR = 3


def described(
    facts: Mapping[str, Any], seen: Mapping[str, Any], address: str, wanted: Mapping[str, object]
) -> dict[str, Any]:
    """Return a host's part of hosts.json.

    Args:
        facts: Ansible's, without their prefix: distribution, hardware, platform, python, virtual.
        seen: what `tripod_observe` returned.
        address: where load and database traffic goes.
        wanted: the kernel's limits as they should be.

    """
    return {
        "address": address,
        "system": f"{facts['distribution']} {facts['distribution_version']}",
        "kernel": facts["kernel"],
        "architecture": facts["architecture"],
        "cpu_model": cpu_model(facts.get("processor")),
        # The first is what processes there may use; macOS has the second only.
        "cpus": int(facts.get("processor_nproc") or facts["processor_vcpus"]),
        "memory_bytes": int(facts["memtotal_mb"]) * 2**20,
        "virtualisation": virtualisation(facts),
        "python": facts["python_version"],
        **{key: seen[key] for key in ("packages", "limits", "clock", "database")},
        "readiness": readiness.judged(seen["readiness"], seen["limits"], wanted),
    }


def cpu_model(processor: object) -> str | None:
    """Return the model's name: macOS gives it alone, Linux in a list, or (on ARM) not at all."""
    if isinstance(processor, str):
        return processor
    if isinstance(processor, list) and len(processor) >= _PARTS_OF_PROCESSOR:
        model = str(processor[_PARTS_OF_PROCESSOR - 1])
        return None if model.isdigit() else model
    return None


def virtualisation(facts: Mapping[str, Any]) -> str | None:
    """Return what the host runs in, such as `kvm`; `none` where it runs in nothing, None if not known."""
    if facts.get("virtualization_role") == "guest":
        return str(facts["virtualization_type"])
    return "none" if "virtualization_role" in facts else None
