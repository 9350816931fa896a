"""Calls at exact times: never early, and late by as little as the operating system's timers allow.

Two things keep answers from being early: a call is made only once the monotonic clock has reached its
deadline, and an alarm that rings too soon is set again. Both matter, since uvloop's timers count whole
milliseconds and ring up to one early. README.md gives what each kind of alarm was measured to cost.
"""

import ctypes
import os
import sys
import time
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Protocol

from fakedb.latency import NS_PER_MS

now_ns = time.monotonic_ns
NEVER = sys.maxsize

# How many calls are made before the event loop may read again. Were everything due answered first, unread
# requests would wait: with 256 connections in a closed loop these arrive together, fall due together and
# stay in step, late by milliseconds. Taking turns keeps them apart: the 99th percentile that a client saw
# went from 5.0 to 0.6 ms, and the CPU per answer stayed. One call per ring would cost a timer and a round
# of the loop for each answer.
CALLS_PER_RING = 8
CALLS_PER_READ = 1
# Cancelled calls wait in the heap until their time, or until they are so many and most of it.
CANCELLED_KEPT = 64


class Alarm(Protocol):
    """Something that rings once, at about the time set."""

    name: str

    def set(self, due_ns: int) -> None:
        """Ring at `due_ns` on the monotonic clock, instead of any time set before."""

    def close(self) -> None:
        """Ring no more."""


class _TimerSpec(ctypes.Structure):
    """`struct itimerspec` of timerfd_settime(2), as every 64-bit Linux has it."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("due_s", ctypes.c_long),
        ("due_ns", ctypes.c_long),
    )


class TimerfdAlarm:
    """Linux: a kernel timer of nanosecond resolution that the event loop watches like a socket.

    Called through ctypes because the standard library has it from Python 3.13 only. Raises OSError if the
    kernel refuses.
    """

    name = "timerfd"
    _ABSOLUTE = 1  # TFD_TIMER_ABSTIME

    def __init__(self, loop: AbstractEventLoop, ring: Callable[[], None]) -> None:
        """Make the timer, unset, and have `loop` call `ring` whenever it rings."""
        libc = ctypes.CDLL(None, use_errno=True)
        self._settime = libc.timerfd_settime
        self._loop = loop
        self._ring = ring
        self._spec = _TimerSpec()
        self._spec_ref = ctypes.byref(self._spec)
        # The flags are those of open(2): TFD_NONBLOCK and TFD_CLOEXEC.
        self._fd = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create failed")
        loop.add_reader(self._fd, self._on_readable)

    def set(self, due_ns: int) -> None:
        """Ring at `due_ns`, at once if that is past."""
        self._spec.due_s, self._spec.due_ns = divmod(due_ns, 10**9)
        if self._settime(self._fd, self._ABSOLUTE, self._spec_ref, None):
            raise OSError(ctypes.get_errno(), "timerfd_settime failed")

    def close(self) -> None:
        """Give the timer back to the kernel."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _on_readable(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return  # set again since it rang
        self._ring()


class LoopAlarm:
    """Elsewhere (macOS): the event loop's own timer, late by up to a millisecond.

    The delay is rounded up to whole milliseconds, which is all that uvloop's timers know. A ring that comes
    early all the same is set again by `Deadlines`.
    """

    name = "loop"

    def __init__(self, loop: AbstractEventLoop, ring: Callable[[], None]) -> None:
        """Be unset; `loop` will call `ring`."""
        self._loop = loop
        self._ring = ring
        self._handle: TimerHandle | None = None

    def set(self, due_ns: int) -> None:
        """Ring at `due_ns`, in whole milliseconds from now."""
        self.close()
        milliseconds = -((now_ns() - due_ns) // NS_PER_MS)
        self._handle = self._loop.call_later(max(milliseconds, 0) / 1000, self._ring)

    def close(self) -> None:
        """Cancel the timer."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


def platform_alarm(loop: AbstractEventLoop, ring: Callable[[], None]) -> Alarm:
    """Return the most exact alarm that this platform has."""
    return TimerfdAlarm(loop, ring) if sys.platform == "linux" else LoopAlarm(loop, ring)


class Deadlines:
    """Calls in the order of their deadlines, on one alarm."""

    def __init__(
        self,
        loop: AbstractEventLoop,
        *,
        alarm: Callable[[AbstractEventLoop, Callable[[], None]], Alarm] = platform_alarm,
        clock: Callable[[], int] = now_ns,
    ) -> None:
        """Begin empty. `clock` counts nanoseconds, on the clock that the alarm keeps."""
        self._clock = clock
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()  # equal deadlines: first come, first served
        self._cancelled: set[int] = set()
        self._armed_ns = NEVER
        self._alarm = alarm(loop, self._on_alarm)
        self.alarm_name = self._alarm.name
        self.next_ns = NEVER

    def __len__(self) -> int:
        """Return how many calls are kept, of which some may be cancelled."""
        return len(self._heap)

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> int:
        """Call `callback` once the monotonic clock has reached `due_ns`; return what `cancel` takes."""
        number = next(self._order)
        heappush(self._heap, (due_ns, number, callback))
        if due_ns < self.next_ns:
            self.next_ns = due_ns
            self._arm()
        return number

    def cancel(self, numbers: Iterable[int]) -> None:
        """Do not make these calls, none of which may have been made.

        They are taken out when they are most of the heap: then the cost of that is shared by as many, and
        clients that ask for an hour and leave fill no memory.
        """
        heap, cancelled = self._heap, self._cancelled
        cancelled.update(numbers)
        if len(cancelled) > CANCELLED_KEPT and len(cancelled) > len(heap) // 2:
            heap[:] = [entry for entry in heap if entry[1] not in cancelled]
            heapify(heap)
            cancelled.clear()
            self.next_ns = heap[0][0] if heap else NEVER

    def run_due(self, limit: int) -> None:
        """Make the calls that are due by now, at most `limit` of them.

        Also called between reads: with many connections, all their reads come before the alarm's turn in an
        event loop's round, and answers that fell due meanwhile would be late by the sum of them. The alarm
        sees to the calls that a limit leaves.
        """
        heap, clock, cancelled = self._heap, self._clock, self._cancelled
        while limit and heap and heap[0][0] <= clock():
            _, number, callback = heappop(heap)
            if cancelled and number in cancelled:
                cancelled.remove(number)
                continue
            limit -= 1
            callback()
        self.next_ns = heap[0][0] if heap else NEVER

    def close(self) -> None:
        """Forget every call that is left."""
        self._heap.clear()
        self._cancelled.clear()
        self._alarm.close()

    def _arm(self) -> None:
        """Set the alarm, unless it will ring early enough anyway."""
        if self.next_ns < self._armed_ns:
            self._armed_ns = self.next_ns
            self._alarm.set(self.next_ns)

    def _on_alarm(self) -> None:
        self._armed_ns = NEVER
        self.run_due(CALLS_PER_RING)
        self._arm()
