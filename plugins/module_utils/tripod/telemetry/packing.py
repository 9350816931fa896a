"""Samples of a trial as they travel and are kept: columns of differences, as JSON, compressed, in base64."""

from __future__ import annotations

import base64
import json
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from .files import K6

# What samples of a service have beside the CPU time of each process; the last two where a cgroup tells.
_OF_SERVICE = ("cpu_us", "memory_bytes", "processes", "threads", "memory_peak_bytes", "throttled_us")


# A minute takes 20 kB on two cores, 50 kB on sixteen; a trial may take a day, and its record has all hosts'.
MOST_BYTES = 1 << 20


def packed(lines: Iterable[Sequence[Any]]) -> str:
    """Return the samples of one trial: `tripod.stats.series` says what is in it, and reads it.

    Of a trial so long that they were more than `MOST_BYTES`, it is every so many of them, and the last. Lines
    are taken one after the other, and eight bytes are kept of each number.
    """
    host, services, most = _Host(), {}, 0
    for most, line in enumerate(lines, start=1):  # noqa: B007 - how many there were
        if line[0] == "trial":
            host.named(line[2])
        elif line[0] == "host":
            host.add(line)
        elif line[0] == "service":
            services.setdefault(line[2], _Service()).add(line[1], line[3], replaces=line[2] == K6)
    every = 1
    found = _packed(host, services, every)
    while len(found) > MOST_BYTES and every < most:
        every *= -(-len(found) // MOST_BYTES)
        found = _packed(host, services, every)
    return found


def _packed(host: _Host, services: dict[str, _Service], every: int) -> str:
    told = {leg: service.columns(every) for leg, service in services.items()}
    text = json.dumps({"host": host.columns(every), "services": told}, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(text, 9)).decode("ascii")


def _kept(count: int, every: int) -> list[int]:
    """Return which of so many samples stay: the first and the last, too, so that counters rise as much."""
    return [*range(0, count - 1, every), *([count - 1] if count else [])]


def differences(values: Iterable[int]) -> list[int]:
    """Return the first value, and then by how much each differs from the one before."""
    known = list(values)
    return [*known[:1], *(after - before for before, after in pairwise(known))]


class _Host:
    """Columns of the whole host."""

    def __init__(self) -> None:
        self._columns = {name: array("q") for name in ("monotonic_us", "wall_us", "sampler_cpu_us")}
        self._names: list[str] = []

    def named(self, names: list[str]) -> None:
        """Take the names of the counters that all samples have."""
        self._names = names
        self._columns |= {name: array("q") for name in names}

    def add(self, line: Sequence[Any]) -> None:
        """Take a sample."""
        _, *clocks, counters = line
        values = dict(zip(self._names, counters, strict=False))
        values |= dict(zip(("monotonic_us", "wall_us", "sampler_cpu_us"), clocks, strict=True))
        _append(self._columns, values)

    def columns(self, every: int) -> dict[str, list[int]]:
        """Return the differences of those that stay."""
        kept = _kept(len(self._columns["monotonic_us"]), every)
        return {name: differences(column[at] for at in kept) for name, column in self._columns.items()}


class _Service:
    """Columns of a service, and of each of its processes."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._columns = {name: array("q") for name in ("monotonic_us", *_OF_SERVICE)}
        # From which sample on a process was there, and what it had used at each.
        self._processes: dict[str, tuple[int, array[int]]] = {}
        self._last: set[str] = set()

    def add(self, time_us: int, sample: dict[str, Any], *, replaces: bool) -> None:
        """Take a sample; one of other processes than the last `replaces` all before, or goes on from them.

        The warm-up has a k6 of its own, which is none of the measurement's.
        """
        pids = {str(pid) for pid in sample["of"]}
        if replaces and self._last.isdisjoint(pids):
            self._begin()
        at, self._last = len(self._columns["monotonic_us"]), pids
        _append(self._columns, {"monotonic_us": time_us, **sample})
        for pid, used_us in sample["of"].items():
            first, used = self._processes.setdefault(str(pid), (at, array("q")))
            # A look may miss a process that lives: meanwhile it stands at what was seen last.
            used.extend(used[-1:] * (at - first - len(used)))
            used.append(used_us)

    def columns(self, every: int) -> dict[str, Any]:
        """Return the differences of those that stay."""
        kept = _kept(len(self._columns["monotonic_us"]), every)
        columns = {name: differences(column[at] for at in kept) for name, column in self._columns.items()}
        processes = {}
        for pid, (first, used) in self._processes.items():
            begin, end = bisect_left(kept, first), bisect_right(kept, first + len(used) - 1)
            if begin < end:
                processes[pid] = [begin, *differences(used[at - first] for at in kept[begin:end])]
        return {**columns, "processes_cpu_us": processes}


def _append(columns: dict[str, array[int]], values: dict[str, Any]) -> None:
    """Add a sample; a column that it lacks goes: what could not be read once tells nothing to rely on."""
    for name in [name for name in columns if values.get(name) is None]:
        del columns[name]
    for name, column in columns.items():
        column.append(values[name])
