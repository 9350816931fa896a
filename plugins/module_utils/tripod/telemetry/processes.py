"""A service's processes, followed from its main process through its children, by /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from .kernel import TICK_US, whole

_PAGE = os.sysconf("SC_PAGE_SIZE")
_ENDED = frozenset({"Z", "X", "x"})


@dataclass(frozen=True)
class Process:
    """What /proc/PID/stat tells, by proc_pid_stat(5).

    Attributes:
        ended: whether it is a zombie, which its parent has not waited for yet.
        cpu_us: its own CPU time.
        with_dead_us: that, and the CPU time of all children that have ended and were waited for.
        threads: that it has.
        started: clock ticks from the machine's start to its own.
        memory_bytes: resident set size.

    """

    ended: bool
    cpu_us: int
    with_dead_us: int
    threads: int
    started: int
    memory_bytes: int


def parsed(text: str) -> Process:
    """Return what a text of /proc/PID/stat tells; the command's name may hold blanks and brackets."""
    fields = text.rpartition(")")[2].split()
    times = [int(field) for field in fields[11:15]]
    return Process(
        ended=fields[0] in _ENDED,
        cpu_us=(times[0] + times[1]) * TICK_US,
        with_dead_us=sum(times) * TICK_US,
        threads=int(fields[17]),
        started=int(fields[19]),
        memory_bytes=int(fields[21]) * _PAGE,
    )


class Tree:
    """A main process and its descendants, with their files kept open."""

    def __init__(self, main_pid: int) -> None:
        """Follow the process of this PID."""
        self._main = main_pid
        self._open: dict[int, tuple[int, int | None]] = {}

    def look(self, more: Iterable[int] = ()) -> dict[int, Process]:
        """Return the processes that there are, by PID; `more` are known to be of the service, too."""
        found: dict[int, Process] = {}
        waiting = [*more, self._main]
        while waiting:
            pid = waiting.pop()
            if pid in found:
                continue
            seen = self._seen(pid)
            if seen is not None:
                found[pid], children = seen
                waiting += children
        for pid in self._open.keys() - found.keys():
            self._forget(pid)
        return found

    def close(self) -> None:
        """Follow it no longer."""
        for pid in list(self._open):
            self._forget(pid)

    def _seen(self, pid: int) -> tuple[Process, list[int]] | None:
        """Return a process and its children; None if it is gone."""
        try:
            if pid not in self._open:
                self._open[pid] = (_opened(f"/proc/{pid}/stat"), None)
                # Of the main thread, which starts workers in every server here; what another thread starts is
                # found where the service has a cgroup.
                with suppress(OSError):
                    self._open[pid] = (self._open[pid][0], _opened(f"/proc/{pid}/task/{pid}/children"))
            stat, children = self._open[pid]
            process = parsed(whole(stat))
            listed = whole(children).split() if children is not None else []
        except (OSError, ValueError, IndexError):
            return None
        return process, [int(child) for child in listed]

    def _forget(self, pid: int) -> None:
        for descriptor in self._open.pop(pid):
            if descriptor is not None:
                os.close(descriptor)


def _opened(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
