"""What of a host decides whether two measurements on it agree, as it is now; what it means is the library's.

A value is None where the system does not tell.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from .busy import busy
from .open_files import FILES
from .telemetry import cgroup, quota

CPUS = Path("/sys/devices/system/cpu")
# Status of adjtimex(2): nothing disciplines the clock (STA_UNSYNC of timex.h).
UNSYNCHRONISED = 0x40


def looked() -> dict[str, Any]:
    """Return all of it; takes the moment in which `busy` watches the processes."""
    return {
        "governors": _governors(),
        "turbo": _turbo(),
        "smt": _flag(CPUS / "smt/active"),
        "swap_bytes": _swap_bytes(),
        "cpus": os.cpu_count(),
        "cpus_usable": len(os.sched_getaffinity(0)) if sys.platform == "linux" else None,
        "cpu_quota": cpu_quota(_text("/proc/self/cgroup"), _text(cgroup.MOUNTS)),
        "virtualisation": _virtualisation(),
        "busy": busy(),
        "clock": _clock(),
        "open_files": {"most": resource.getrlimit(resource.RLIMIT_NOFILE)[1], "wanted": FILES},
    }


def _text(path: Path | str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _flag(path: Path) -> bool | None:
    return {"0": False, "1": True}.get(_text(path))


def _governors() -> list[str] | None:
    """Return the governors of all cores, each once."""
    found = {_text(path) for path in CPUS.glob("cpu[0-9]*/cpufreq/scaling_governor")} - {""}
    return sorted(found) or None


def _turbo() -> bool | None:
    """Return whether cores may run above their nominal clock."""
    intel = _flag(CPUS / "intel_pstate/no_turbo")
    return _flag(CPUS / "cpufreq/boost") if intel is None else not intel


def _swap_bytes() -> int | None:
    lines = dict(line.split(":", 1) for line in _text("/proc/meminfo").splitlines() if ":" in line)
    return int(lines["SwapTotal"].split()[0]) * 1024 if "SwapTotal" in lines else None


def cpu_quota(cgroups: str, mounts: str) -> dict[str, float | None] | None:
    """Return the CPUs that the tightest quota above a process allows (`cpus`; None without one).

    Services run below `system.slice`, so its quotas count, too.

    Args:
        cgroups: the text of the process's /proc/PID/cgroup.
        mounts: that of /proc/self/mounts.

    """
    if not cgroup.roots(mounts):
        return None
    services = "\n".join(
        ":".join([*line.split(":", 2)[:2], "/system.slice"]) for line in cgroups.splitlines()
    )
    groups = {*quota.places(cgroups, mounts), *quota.places(services, mounts)}
    return {"cpus": min((cpus for group in groups for cpus in _quota(group)), default=None)}


def _quota(group: Path) -> list[float]:
    """Return the CPUs that a cgroup's own quota allows; version 2 says it in one file, version 1 in two."""
    most, _, period = _text(group / "cpu.max").partition(" ")
    if not most:
        most, period = _text(group / "cpu.cfs_quota_us"), _text(group / "cpu.cfs_period_us")
    if not most.isdigit() or not period.isdigit():
        return []  # `max`, -1, or no such files
    return [int(most) / int(period)]


def _virtualisation() -> str | None:
    """Return what the host runs in, such as `kvm` or `docker`; `none` if in nothing."""
    if shutil.which("systemd-detect-virt"):
        shown = subprocess.run(
            ["systemd-detect-virt"], capture_output=True, text=True, check=False, timeout=10
        )
        return shown.stdout.strip() or None
    if container := _text("/run/systemd/container"):
        return container
    if Path("/.dockerenv").exists():
        return "docker"
    # x86 shows it among the flags; that a processor has none there says nothing on others.
    return "a virtual machine" if " hypervisor" in _text("/proc/cpuinfo") else None


class _Timex(ctypes.Structure):
    """The beginning of timex.h's `struct timex`; the kernel writes what follows, too."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def _clock() -> dict[str, Any] | None:
    """Return whether something keeps the clock right (`synchronised`), and how far it may be off."""
    if sys.platform != "linux":
        return None
    asked = _Timex()  # modes 0: read only
    try:
        if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked)) < 0:
            return None
    except (OSError, AttributeError):
        return None
    return {"synchronised": not asked.status & UNSYNCHRONISED, "most_off_s": asked.maxerror / 1e6}
