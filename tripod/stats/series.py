"""What a host's sampler wrote over a trial, and what of it lies in the measured window.

Counters are interpolated between the samples around each edge of the window. How samples are packed stands
in docs/telemetry.md.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from tripod.stats.activity import Activity, ServiceActivity

_US = 1_000_000
_CORE = re.compile(r"cpu(\d+)_idle_us")
_KINDS = ("user", "system", "idle", "iowait", "steal")
# A service whose samples cover less of the window than this has no CPU time there: it began or ended in it.
_LEAST_COVERED = 0.9
# Beyond any trial's: 64 cores for a day take some 30 MB.
_MOST_BYTES = 1 << 27


class SeriesError(ValueError):
    """The samples cannot be read, or do not cover the window; the message says why."""


@dataclass(frozen=True)
class Window:
    """The measured window on a host's monotonic clock, in microseconds."""

    begin_us: float
    end_us: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end_us - self.begin_us) / _US


class Columns:
    """Samples in the order of time: when each was taken, and its counters by name."""

    def __init__(self, packed: Mapping[str, Sequence[int]]) -> None:
        """Take columns of differences."""
        self.columns = {name: list(accumulate(column)) for name, column in packed.items()}
        self.times = self.columns["monotonic_us"]

    def between(self, name: str, window: Window) -> float | None:
        """Return by how much a counter rose in the window; None if it is not counted there.

        One that fell, as the sum over processes does when one has ended unseen, has not risen.
        """
        rose = self.rise(name, window)
        return None if rose is None else max(rose, 0.0)

    def rise(self, name: str, window: Window) -> float | None:
        """Return the same of a sum that may fall, as that of signed errors does."""
        column = self.columns.get(name)
        if column is None:
            return None
        return _at(self.times, column, window.end_us) - _at(self.times, column, window.begin_us)

    def greatest(self, name: str, window: Window) -> int | None:
        """Return the largest value of the samples in the window and around its edges."""
        column = self.columns.get(name)
        first = max(bisect_right(self.times, window.begin_us) - 1, 0)
        return (
            max(column[first : bisect_left(self.times, window.end_us) + 1], default=None) if column else None
        )

    def last(self, name: str, window: Window) -> int | None:
        """Return the value of the last sample in the window."""
        column = self.columns.get(name)
        return column[max(bisect_right(self.times, window.end_us) - 1, 0)] if column else None

    def window(self, begin_wall_us: float, seconds: float) -> Window:
        """Return the window that begins at a time of this host's wall clock.

        It is found by the two clocks of the sample before: a step of the wall clock does not move its end.

        Raises:
            SeriesError: if the samples do not reach from its begin to its end.

        """
        walls = self.columns["wall_us"]
        at = next((at for at, wall in enumerate(walls) if wall >= begin_wall_us), len(walls))
        if at == 0:
            raise SeriesError("sampling began after the window did")
        begin_us = begin_wall_us - (walls[at - 1] - self.times[at - 1])
        found = Window(begin_us, begin_us + seconds * _US)
        if self.times[-1] < found.end_us:
            raise SeriesError("sampling ended before the window did")
        return found

    def covered(self, window: Window) -> float:
        """Return the share of the window that lies between the first and the last sample."""
        begin, end = max(self.times[0], window.begin_us), min(self.times[-1], window.end_us)
        return max(end - begin, 0.0) / (window.end_us - window.begin_us)

    def edge_error_s(self, window: Window) -> float:
        """Return how far from an edge of the window the farther of the samples around it is, at most."""
        return max(_farther(self.times, edge) for edge in (window.begin_us, window.end_us)) / _US


def _at(times: Sequence[int], column: Sequence[int], time_us: float) -> float:
    """Return the value at a time, linear between samples; before and after them it stands still."""
    after = bisect_left(times, time_us)
    if after == 0:
        return column[0]
    if after == len(times):
        return column[-1]
    share = (time_us - times[after - 1]) / (times[after] - times[after - 1])
    return column[after - 1] + share * (column[after] - column[after - 1])


def _farther(times: Sequence[int], edge_us: float) -> float:
    after = bisect_left(times, edge_us)
    around = times[max(after - 1, 0) : after + 1]
    return max(abs(time - edge_us) for time in around)


class Series:
    """The samples of one host over one trial."""

    def __init__(self, packed: str) -> None:
        """Unpack what the host sent.

        Raises:
            SeriesError: if it is not as a sampler packs it.

        """
        try:
            unzip = zlib.decompressobj()
            content = json.loads(unzip.decompress(base64.b64decode(packed), _MOST_BYTES))
            self.host = Columns(content["host"])
            self.services: Mapping[str, Mapping[str, Any]] = content["services"]
        except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
            raise SeriesError(f"the samples cannot be read: {error}") from None
        if not self.host.times:
            raise SeriesError("there are no samples")

    def sampler_share(self) -> float | None:
        """Return the share of one core that the sampler took, over all that it sampled."""
        used, times = self.host.columns["sampler_cpu_us"], self.host.times
        return (used[-1] - used[0]) / (times[-1] - times[0]) if times[-1] > times[0] else None

    def activity(self, host: str, window: Window, *, alone: bool, clock_error_s: float) -> Activity:
        """Return what the host did in the window.

        Args:
            host: its name.
            window: on its own clock.
            alone: whether it is all legs, so that its traffic is that of loopback.
            clock_error_s: by how much the window may be off, for its clock is not the load host's.

        """
        rose, network = _Rose(self.host, window), "loopback" if alone else "network"
        cores = _cores(self.host, window)
        return Activity(
            host=host,
            seconds=window.seconds,
            edge_error_s=self.host.edge_error_s(window) + clock_error_s,
            cpus=len(cores) or None,
            core_numbers=tuple(int(core["number"]) for core in cores) or None,
            core_busy=_shares(cores, lambda core: 1 - core["idle"] - core["iowait"]),
            core_steal=self._shares_of("steal", cores),
            core_iowait=self._shares_of("iowait", cores),
            cpu_s=sum((core["user"] + core["system"]) * core["s"] for core in cores) if cores else None,
            context_switches=rose.whole("context_switches"),
            load_1m=_divided(self.host.last("load_1m_hundredths", window), 100),
            memory_used_max_bytes=_times(self.host.greatest("memory_used_kb", window), 1024),
            pressure_cpu=rose.share("pressure_cpu_us"),
            pressure_memory=rose.share("pressure_memory_us"),
            pressure_io=rose.share("pressure_io_us"),
            bytes_received=rose.whole(f"{network}_received_bytes"),
            bytes_sent=rose.whole(f"{network}_sent_bytes"),
            packets_received=rose.whole(f"{network}_received_packets"),
            packets_sent=rose.whole(f"{network}_sent_packets"),
            listen_overflows=rose.whole("tcp_listen_overflows"),
            listen_drops=rose.whole("tcp_listen_drops"),
            syn_retransmits=rose.whole("tcp_syn_retransmits"),
            retransmits=rose.whole("tcp_retransmits"),
            tcp_timeouts=rose.whole("tcp_timeouts"),
            connections_opened=rose.whole("tcp_opened"),
            connections_accepted=rose.whole("tcp_accepted"),
            clock_step_s=_clock_step_s(self.host, window),
            services={leg: _service(packed, window) for leg, packed in self.services.items()},
        )

    def _shares_of(self, kind: str, cores: Sequence[Mapping[str, float]]) -> tuple[float, ...] | None:
        """Return each core's share of a kind; None where the kernel does not count it, as macOS."""
        counted = any(name.endswith(f"_{kind}_us") for name in self.host.columns)
        return _shares(cores, lambda core: core[kind]) if counted else None


class _Rose:
    """By how much counters rose in a window, in the forms that people read."""

    def __init__(self, columns: Columns, window: Window) -> None:
        self._columns, self._window = columns, window

    def whole(self, name: str) -> int | None:
        found = self._columns.between(name, self._window)
        return None if found is None else round(found)

    def share(self, name: str) -> float | None:
        found = self._columns.between(name, self._window)
        return None if found is None else min(found / _US / self._window.seconds, 1.0)

    def seconds(self, name: str) -> float | None:
        found = self._columns.between(name, self._window)
        return None if found is None else found / _US


def _cores(columns: Columns, window: Window) -> list[dict[str, float]]:
    """Return the share of the window that each core spent on each kind, all seconds (`s`), its number."""
    found = []
    for number in sorted(int(match[1]) for name in columns.columns if (match := _CORE.fullmatch(name))):
        spent = {kind: columns.between(f"cpu{number}_{kind}_us", window) or 0.0 for kind in _KINDS}
        total = sum(spent.values())
        if total > 0:
            shares = {kind: value / total for kind, value in spent.items()}
            found.append({**shares, "s": total / _US, "number": number})
    return found


def _shares(
    cores: Sequence[Mapping[str, float]], of: Callable[[Mapping[str, float]], float]
) -> tuple[float, ...] | None:
    return tuple(min(max(round(of(core), 6), 0.0), 1.0) for core in cores) or None


def _divided(value: float | None, by: float) -> float | None:
    return None if value is None else value / by


def _times(value: int | None, by: int) -> int | None:
    return None if value is None else value * by


def _clock_step_s(columns: Columns, window: Window) -> float:
    """Return how much farther than the monotonic clock the wall clock went."""
    wall_us = [wall - time for wall, time in zip(columns.columns["wall_us"], columns.times, strict=True)]
    began, ended = (_at(columns.times, wall_us, edge) for edge in (window.begin_us, window.end_us))
    return (ended - began) / _US


def _service(packed: Mapping[str, Any], window: Window) -> ServiceActivity:
    columns = Columns({name: column for name, column in packed.items() if name != "processes_cpu_us"})
    processes = {
        int(pid): (columns.times[at : at + len(used)], list(accumulate(used)))
        for pid, (at, *used) in packed["processes_cpu_us"].items()
    }
    rose, covered = _Rose(columns, window), columns.covered(window)
    used_s = rose.seconds("cpu_us") if covered >= _LEAST_COVERED else None
    everywhere = Window(columns.times[0], columns.times[-1])
    peak = columns.last("memory_peak_bytes", everywhere) or columns.greatest("memory_bytes", everywhere)
    return ServiceActivity(
        cpu_s=None if used_s is None else used_s / covered,
        processes=columns.greatest("processes", window),
        threads=columns.greatest("threads", window),
        memory_peak_bytes=peak,
        process_cpu_s={
            pid: max(_at(times, used, window.end_us) - _at(times, used, window.begin_us), 0.0) / _US
            for pid, (times, used) in processes.items()
            if times[0] < window.end_us and times[-1] > window.begin_us
        },
        throttled_s=rose.seconds("throttled_us"),
        pids_before=_there(processes, columns.times, window.begin_us),
        pids_after=_there(processes, columns.times, window.end_us),
    )


def _there(
    processes: Mapping[int, tuple[Sequence[int], Sequence[int]]], times: Sequence[int], time_us: float
) -> tuple[int, ...]:
    """Return the processes that the last sample before a time saw; else those of the first one."""
    sample = times[max(bisect_right(times, time_us) - 1, 0)]
    return tuple(sorted(pid for pid, (seen, _) in processes.items() if seen[0] <= sample <= seen[-1]))
