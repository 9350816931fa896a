#!/usr/bin/python
"""Ansible module: what a host is, as observed: for hosts.json and for telling hosts apart."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: tripod_observe
short_description: observe kernel, processor, memory, packages, limits and clocks
options:
  root: {description: Tripod's directory on the host, type: str, required: true}
  limits: {description: sysctl names to read, type: list, elements: str, required: true}
"""


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _output(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _system() -> str:
    name = re.search(r'^PRETTY_NAME="?([^"\n]+)', _text("/etc/os-release"), re.MULTILINE)
    return name[1] if name else f"{platform.system()} {platform.mac_ver()[0] or platform.release()}"


def _cpu_model() -> str | None:
    model = re.search(r"^model name\s*:\s*(.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return model[1] if model else _output("sysctl", "-n", "machdep.cpu.brand_string")


def _cpus() -> int:
    """Return the processors that processes here may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _clock() -> dict[str, object]:
    """Return what tells kernels and network namespaces apart; a value is None where the system lacks it."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    offset = None if boot is None else time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(boot)
    btime = re.search(r"^btime (\d+)$", _text("/proc/stat"), re.MULTILINE)
    try:
        namespace = str(Path("/proc/self/ns/net").readlink())
    except OSError:
        namespace = None
    return {"offset_s": offset, "boot_time": btime[1] if btime else None, "network_namespace": namespace}


def _packages(root: Path) -> dict[str, str]:
    """Return name → version over all environments under `root`, read from their metadata directories."""
    found = {}
    for metadata in sorted(root.glob("envs/*/lib/python*/site-packages/*.dist-info")):
        name, _, version = metadata.name.removesuffix(".dist-info").partition("-")
        found[name] = version
    return found


def _database(root: Path) -> Any:
    """Return what deploy noted of the database server: version, and settings that are no defaults."""
    noted = _text(str(root / "postgres" / "server.json"))
    return json.loads(noted) if noted else None


def main() -> None:
    """Observe, change nothing."""
    module = AnsibleModule(
        {
            "root": {"type": "str", "required": True},
            "limits": {"type": "list", "elements": "str", "required": True},
        }
    )
    limits = {
        name: " ".join(_text("/proc/sys/" + name.replace(".", "/")).split())
        for name in module.params["limits"]
    }
    module.exit_json(
        changed=False,
        system=_system(),
        kernel=platform.release(),
        architecture=platform.machine(),
        cpu_model=_cpu_model(),
        cpus=_cpus(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        virtualisation=_output("systemd-detect-virt"),
        python=platform.python_version(),
        packages=_packages(Path(module.params["root"])),
        database=_database(Path(module.params["root"])),
        limits={name: value for name, value in limits.items() if value},
        clock=_clock(),
    )


if __name__ == "__main__":
    main()
