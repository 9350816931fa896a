"""The process that samples a host while trials run: its services four times a second, itself once.

In a trial of more than some 45 minutes it samples less and less often, so that what it keeps stays small.

It ends when nobody holds the lease that it was started under. A signal, SIGUSR1, makes it look at once what
is to be watched, and sample all: a trial begins and ends with samples.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..lease import place
from . import mac
from .files import K6, Files
from .kernel import Kernel as LinuxKernel
from .samples import Samples
from .service import Service as LinuxService

TICK_S = 0.25
# Every so many ticks.
_HOST_TICKS = 4
_LEASE_TICKS = 20

_LINUX = sys.platform.startswith("linux")


class Sampler:
    """Samples what `watched.json` names into `samples`."""

    def __init__(self, files: Files) -> None:
        """Use the files, which are there."""
        self._files = files
        self._kernel = LinuxKernel() if _LINUX else mac.Kernel()
        self._names: list[str] = []
        self._services: dict[str, LinuxService | mac.Service] = {}
        self._watched: dict[str, Any] = {}
        self._out: Samples | None = None
        # The k6 that is followed, and the one of the trial before: its PID stands in the lock file until this
        # trial has one.
        self._k6_pid = self._k6_before = 0

    def look(self) -> None:
        """Take up what is to be watched now; samples of an earlier trial are gone with it."""
        watched = self._watched
        with suppress(OSError, ValueError):
            watched = json.loads(self._files.watched.read_text(encoding="utf-8"))
        if watched != self._watched:
            self._take_up(watched)

    def _take_up(self, watched: dict[str, Any]) -> None:
        for service in self._services.values():
            service.close()
        self._watched, self._k6_pid = watched, 0
        self._k6_before = self._k6_told()
        self._services = {leg: _service(*told) for leg, told in watched["services"].items()}
        if self._out is not None:
            self._out.close()
        self._names = list(self._kernel.counters())
        self._out = Samples(self._files.samples)
        self._write(["trial", watched["trial"], self._names])

    @property
    def every(self) -> int:
        """So many ticks pass from one sample to the next: the longer a trial, the more."""
        return self._out.every if self._out else 1

    def sample_host(self) -> None:
        """Write a line `host`: clocks, the sampler's own CPU time, and the kernel's counters."""
        counters = self._kernel.counters()
        values = [counters.get(name) for name in self._names]
        self._write(["host", *_clocks_us(), time.process_time_ns() // 1000, values])

    def sample_services(self) -> None:
        """Write a line `service` for each, k6 among them while it runs."""
        self._follow_k6()
        for leg, service in self._services.items():
            now_us = time.monotonic_ns() // 1000
            sample = service.sample()
            if sample is not None:
                self._write(["service", now_us, leg, sample])

    def leased(self) -> bool:
        """Return whether the run still has this machine."""
        return not self._watched or place.held(self._watched["lease"])

    def _follow_k6(self) -> None:
        """Follow the newest k6; warm-up and measurement have one each."""
        pid = self._k6_told()
        if pid in {0, self._k6_pid, self._k6_before}:
            return
        if K6 in self._services:
            self._services[K6].close()
        self._k6_pid, self._services[K6] = pid, _service("k6", pid)

    def _k6_told(self) -> int:
        try:
            return int(self._files.k6.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def _write(self, line: list[Any]) -> None:
        if self._out is not None:
            self._out.write(line)


def _service(name: str, main_pid: int) -> LinuxService | mac.Service:
    return LinuxService(main_pid, name) if _LINUX else mac.Service(main_pid, name)


def _clocks_us() -> tuple[int, int]:
    """Return the monotonic and the wall clock, in microseconds."""
    return time.monotonic_ns() // 1000, time.time_ns() // 1000


def _bell() -> int:
    """Return a descriptor that can be read when SIGUSR1 has come."""
    heard, rung = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(rung, False)
    signal.set_wakeup_fd(rung, warn_on_full_buffer=False)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    return heard


def serve(sampler: Sampler) -> None:
    """Sample until the lease is gone."""
    bell = _bell()
    sampler.look()
    next_s, tick = time.monotonic(), 0
    while True:
        asked = bool(select.select([bell], [], [], max(next_s - time.monotonic(), 0))[0])
        if asked:
            with suppress(BlockingIOError):
                os.read(bell, 4096)
            sampler.look()
        elif tick % _LEASE_TICKS == 0 and not sampler.leased():
            return
        every = sampler.every
        if asked or tick % every == 0:
            sampler.sample_services()
        if asked or tick % (_HOST_TICKS * every) == 0:
            sampler.sample_host()
        if not asked:
            tick += 1
            # After the machine was busy or asleep, ticks that were missed are not made up for.
            next_s = max(next_s + TICK_S, time.monotonic())


def main(root: str, lock: str) -> None:
    """Sample for the Tripod in `root`; the machine's lease is at `lock`."""
    place.LOCK = Path(lock)
    serve(Sampler(Files(root)))
