"""Samples of a trial as they travel and are kept: columns of differences, as JSON, compressed, in base64."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from .files import K6

# What samples of a service have beside the CPU time of each process; the last two where a cgroup tells.
_OF_SERVICE = ("cpu_us", "memory_bytes", "processes", "threads", "memory_peak_bytes", "throttled_us")


# A minute takes 20 kB on two cores, 50 kB on sixteen; a trial may take a day, and its record has all hosts'.
MOST_BYTES = 1 << 20


def packed(lines: Sequence[Sequence[Any]]) -> str:
    """Return the samples of one trial: `tripod.stats.series` says what is in it, and reads it.

    Of a trial so long that they were more than `MOST_BYTES`, it is every so many of them, and the last.
    """
    every, most = 1, len(lines)
    found = _packed(lines, every)
    while len(found) > MOST_BYTES and every < most:
        every *= -(-len(found) // MOST_BYTES)
        found = _packed(lines, every)
    return found


def _packed(lines: Sequence[Sequence[Any]], every: int) -> str:
    content = {"host": _host(lines, every), "services": _services(lines, every)}
    text = json.dumps(content, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(text, 9)).decode("ascii")


def _thinned(samples: list[Any], every: int) -> list[Any]:
    """Return every so many samples, the first and the last among them: counters rise as much as before."""
    return [*samples[:-1:every], *samples[-1:]]


def differences(values: Iterable[int]) -> list[int]:
    """Return the first value, and then by how much each differs from the one before."""
    known = list(values)
    return [*known[:1], *(after - before for before, after in pairwise(known))]


def _host(lines: Sequence[Sequence[Any]], every: int) -> dict[str, list[int]]:
    names = next((line[2] for line in lines if line[0] == "trial"), [])
    samples = _thinned([line for line in lines if line[0] == "host"], every)
    columns = {
        "monotonic_us": [sample[1] for sample in samples],
        "wall_us": [sample[2] for sample in samples],
        "sampler_cpu_us": [sample[3] for sample in samples],
        **{name: [sample[4][at] for sample in samples] for at, name in enumerate(names)},
    }
    # A file that could not be read once tells nothing that can be relied on.
    return {name: differences(column) for name, column in columns.items() if None not in column}


def _services(lines: Sequence[Sequence[Any]], every: int) -> dict[str, dict[str, Any]]:
    samples: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for line in lines:
        if line[0] == "service":
            samples.setdefault(line[2], []).append((line[1], line[3]))
    if K6 in samples:
        # The warm-up has a k6 of its own, which is none of the measurement's.
        last = samples[K6][-1][1]["of"].keys()
        samples[K6] = [(time_us, sample) for time_us, sample in samples[K6] if sample["of"].keys() & last]
    return {leg: _service(_thinned(of_leg, every)) for leg, of_leg in samples.items()}


def _service(samples: Sequence[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    columns = {"monotonic_us": [time_us for time_us, _ in samples]}
    for name in _OF_SERVICE:
        column = [sample.get(name) for _, sample in samples]
        if None not in column:
            columns[name] = column
    processes: dict[str, tuple[int, list[int]]] = {}
    for at, (_, sample) in enumerate(samples):
        for pid, used_us in sample["of"].items():
            first, used = processes.setdefault(str(pid), (at, []))
            # A look may miss a process that lives: meanwhile it stands at what was seen last.
            used += [used[-1]] * (at - first - len(used)) if used else []
            used.append(used_us)
    return {
        **{name: differences(column) for name, column in columns.items()},
        # From which sample on a process was there, and the CPU time that it had used at each.
        "processes_cpu_us": {pid: [at, *differences(used)] for pid, (at, used) in processes.items()},
    }
