"""What a service of a trial, or k6, has used: by its cgroup where it has one, else by its processes."""

from __future__ import annotations

from typing import Any

from .cgroup import Cgroup
from .processes import Tree
from .quota import Throttling


class Service:
    """A service on Linux."""

    def __init__(self, main_pid: int, name: str) -> None:
        """Follow the service of this main PID and name."""
        self._tree = Tree(main_pid)
        self._cgroup = Cgroup(main_pid, name)
        self._throttling = Throttling(main_pid)

    def sample(self) -> dict[str, Any] | None:
        """Return its counters, and the CPU time of each process; None if none of it is there any more."""
        processes = self._tree.look(self._cgroup.members())
        living = {pid: process for pid, process in processes.items() if not process.ended}
        if not living:
            return None
        return {
            # With that of processes that have ended: zombies, and those that their parents waited for.
            "cpu_us": sum(process.with_dead_us for process in processes.values()),
            "memory_bytes": sum(process.memory_bytes for process in living.values()),
            "processes": len(living),
            "threads": sum(process.threads for process in living.values()),
            **self._cgroup.counters(),
            **self._throttling.counters(),
            "of": {pid: process.cpu_us for pid, process in living.items()},
        }

    def close(self) -> None:
        """Follow it no longer."""
        self._tree.close()
        self._cgroup.close()
        self._throttling.close()
