"""How busy a host and its services were in the course of a trial: shares of its cores between samples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tripod.stats.series import Columns, Series, Window

_US = 1_000_000
_SPENT = re.compile(r"cpu\d+_(user|system|steal)_us")
_CORE = re.compile(r"cpu\d+_idle_us")
# More points than this are not told apart in a drawing of a few hundred pixels.
_MOST_POINTS = 120


@dataclass(frozen=True)
class Course:
    """A share over time.

    Attributes:
        seconds: when each interval between two samples ended, from the window's begin on; ascending.
        shares: of all cores of the host in that interval, 0 to 1; as many as `seconds`.

    """

    seconds: tuple[float, ...]
    shares: tuple[float, ...]


def of_host(series: Series, window: Window) -> Course | None:
    """Return how busy the host's cores were, stolen time included; None where nobody counted it."""
    columns, cores = series.host.columns, cores_of(series)
    spent = [column for name, column in columns.items() if _SPENT.fullmatch(name)]
    if not spent or not cores:
        return None
    return _course(series.host.times, [sum(values) for values in zip(*spent, strict=True)], cores, window)


def of_services(series: Series, window: Window) -> dict[str, Course]:
    """Return leg → what its service used of the host's cores; without those of which nobody counted it."""
    cores = cores_of(series)
    found = {leg: _service(packed, cores, window) for leg, packed in series.services.items()}
    return {leg: course for leg, course in found.items() if course}


def cores_of(series: Series) -> int:
    """Return how many cores the host has; 0 where nobody counted them."""
    return len([name for name in series.host.columns if _CORE.fullmatch(name)])


def _service(packed: Mapping[str, Any], cores: int, window: Window) -> Course | None:
    columns = Columns({name: column for name, column in packed.items() if name != "processes_cpu_us"})
    used = columns.columns.get("cpu_us")
    return _course(columns.times, used, cores, window) if used and cores else None


def _course(times: Sequence[int], counter: Sequence[int], cores: int, window: Window) -> Course:
    """Return the rise of a counter of microseconds as shares of the cores; it may not fall."""
    every = -(-len(times) // _MOST_POINTS) or 1
    samples = list(zip(times, counter, strict=True))[::every]
    steps = [
        ((end - window.begin_us) / _US, max(after - before, 0) / (end - begin) / cores)
        for (begin, before), (end, after) in pairwise(samples)
        if end > begin
    ]
    return Course(tuple(at for at, _ in steps), tuple(min(share, 1.0) for _, share in steps))
