"""A service's own cgroup, of version 1 or 2: it counts for processes that have ended, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from .kernel import whole

MOUNTS = Path("/proc/self/mounts")

Read = Callable[[str], Iterator[tuple[str, int]]]


def _cpu_stat(text: str) -> Iterator[tuple[str, int]]:
    """Give the CPU time."""
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == "usage_usec":
            yield "cpu_us", int(value)


def _single(name: str, per: int = 1) -> Read:
    def read(text: str) -> Iterator[tuple[str, int]]:
        yield name, int(text) // per

    return read


# Controller, or none for version 2 → file → what reads it: Documentation/admin-guide/ of the kernel,
# cgroup-v2.rst and cgroup-v1.
_FILES: dict[str, dict[str, Read]] = {
    "": {"cpu.stat": _cpu_stat, "memory.peak": _single("memory_peak_bytes")},
    "cpuacct": {"cpuacct.usage": _single("cpu_us", 1000)},
    "memory": {"memory.max_usage_in_bytes": _single("memory_peak_bytes")},
}


def places(cgroups: str, mounts: str, service: str) -> dict[str, Path]:
    """Return controller → directory of the cgroup that is a service's alone; no name means version 2.

    Args:
        cgroups: the text of /proc/PID/cgroup of its main process.
        mounts: that of /proc/self/mounts.
        service: the service's name; a cgroup that is called otherwise holds other processes, too.

    """
    mounted = roots(mounts)
    return {
        controller: mounted[controller] / path.lstrip("/")
        for controller, path in memberships(cgroups)
        if path.rpartition("/")[2] == f"{service}.service" and controller in mounted
    }


def roots(mounts: str) -> dict[str, Path]:
    """Return controller → where its hierarchy is mounted, of /proc/self/mounts; no name means version 2."""
    found: dict[str, Path] = {}
    for line in mounts.splitlines():
        _, where, kind, options = line.split()[:4]
        if kind == "cgroup2":
            found.setdefault("", Path(where))
        elif kind == "cgroup":
            for option in options.split(","):
                found.setdefault(option, Path(where))
    return found


def memberships(cgroups: str) -> Iterator[tuple[str, str]]:
    """Give each controller with the path of the process's cgroup, of its /proc/PID/cgroup."""
    for line in cgroups.splitlines():
        _, controllers, path = line.split(":", 2)
        yield from ((controller, path) for controller in controllers.split(","))


class Cgroup:
    """The files of a service's cgroup, kept open."""

    def __init__(self, main_pid: int, service: str) -> None:
        """Open what there is; nothing where the service has no cgroup of its own."""
        self._open: dict[int, Read] = {}
        self._members: int | None = None
        with suppress(OSError, ValueError):
            cgroups = Path(f"/proc/{main_pid}/cgroup").read_text(encoding="utf-8")
            there = places(cgroups, MOUNTS.read_text(encoding="utf-8"), service)
            for controller, directory in there.items():
                self._take(controller, directory)

    def counters(self) -> dict[str, int]:
        """Return what it counts, by name."""
        found: dict[str, int] = {}
        for descriptor, read in self._open.items():
            with suppress(OSError, ValueError):
                for name, value in read(whole(descriptor)):
                    found.setdefault(name, value)
        return found

    def members(self) -> list[int]:
        """Return the PIDs of its processes; none where the service has no cgroup of its own."""
        if self._members is None:
            return []
        with suppress(OSError, ValueError):
            return [int(pid) for pid in whole(self._members).split()]
        return []

    def close(self) -> None:
        """Read it no longer."""
        for descriptor in [*self._open, *([] if self._members is None else [self._members])]:
            os.close(descriptor)
        self._open, self._members = {}, None

    def _take(self, controller: str, directory: Path) -> None:
        for name, read in _FILES.get(controller, {}).items():
            with suppress(OSError):
                self._open[os.open(directory / name, os.O_RDONLY | os.O_CLOEXEC)] = read
        if self._members is None:
            with suppress(OSError):
                self._members = os.open(directory / "cgroup.procs", os.O_RDONLY | os.O_CLOEXEC)
