"""How long CPU quotas kept a process from running: that of its cgroup, and those of all that it is in."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from . import cgroup
from .kernel import whole

# Counter of version 2, and of version 1 → how many of its units are a microsecond. A cgroup of version 2 has
# it where it may have a quota, and else none: Documentation/admin-guide/cgroup-v2.rst of the kernel.
_UNITS = {"throttled_usec": 1, "throttled_time": 1000}


def places(cgroups: str, mounts: str) -> tuple[Path, ...]:
    """Return the directories of the cgroups that may have a quota over a process, its own first.

    In a container these are as many as it sees, its own limits among them.

    Args:
        cgroups: the text of the process's /proc/PID/cgroup.
        mounts: that of /proc/self/mounts.

    """
    roots = cgroup.roots(mounts)
    paths = dict(cgroup.memberships(cgroups))
    # The controller is in one of the two hierarchies; where both are, it is in version 1's if that has it.
    controller = "cpu" if "cpu" in paths else ""
    if controller not in paths or controller not in roots:
        return ()
    path = Path(paths[controller].lstrip("/"))
    return tuple(roots[controller] / level for level in (path, *path.parents))


class Throttling:
    """The counters of these cgroups, kept open."""

    def __init__(self, pid: int) -> None:
        """Open those of a process; none where nothing tells."""
        self._open: list[int] = []
        with suppress(OSError, ValueError):
            cgroups = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
            for place in places(cgroups, cgroup.MOUNTS.read_text(encoding="utf-8")):
                with suppress(OSError):
                    self._open.append(os.open(place / "cpu.stat", os.O_RDONLY | os.O_CLOEXEC))

    def counters(self) -> dict[str, int]:
        """Return for how many microseconds they kept it from running, all together; nothing if none tells."""
        if not self._open:
            return {}
        try:
            return {"throttled_us": sum(_throttled_us(whole(descriptor)) for descriptor in self._open)}
        except (OSError, ValueError):
            return {}

    def close(self) -> None:
        """Read them no longer."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open = []


def _throttled_us(text: str) -> int:
    """Return the counter of one cgroup, in microseconds; 0 of one that can have no quota."""
    lines = dict(line.split() for line in text.splitlines() if line)
    return sum(int(lines[name]) // per for name, per in _UNITS.items() if name in lines)
