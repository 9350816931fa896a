"""Calls at exact times, on the event loop that the server uses."""

import asyncio
import errno
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

import pytest
from fakedb_wire import on_uvloop

from fakedb.deadlines import CALLS_PER_RING, NEVER, Deadlines, LoopAlarm, TimerfdAlarm, now_ns, platform_alarm

ALARMS = [LoopAlarm, *([TimerfdAlarm] if sys.platform == "linux" else [])]


@pytest.mark.parametrize("alarm", ALARMS)
@on_uvloop
async def test_calls_are_never_early_and_in_order(alarm: Callable[..., LoopAlarm | TimerfdAlarm]) -> None:
    """300 calls within 60 ms come at or after their time, in the order of their times, and not much later."""
    deadlines, random, done = Deadlines(asyncio.get_running_loop(), alarm=alarm), Random(3), asyncio.Event()
    calls: list[tuple[int, int]] = []

    def call(due: int) -> None:
        calls.append((due, now_ns()))
        if len(calls) == 300:
            done.set()

    start = now_ns()
    for _ in range(300):
        due = start + random.randrange(60_000_000)
        deadlines.call_at(due, lambda due=due: call(due))
    await done.wait()
    deadlines.close()
    assert [due for due, _ in calls] == sorted(due for due, _ in calls)
    assert min(at - due for due, at in calls) >= 0
    # Not a speed test: a timer that is wrong by tens of milliseconds is broken on any machine.
    assert median(at - due for due, at in calls) < 20_000_000


class EarlyAlarm(LoopAlarm):
    """An alarm far worse than uvloop's: rings at once, whatever it is set to."""

    def set(self, due_ns: int) -> None:  # noqa: ARG002 - that is the point
        """Ring in the loop's next round."""
        self._handle = self._loop.call_later(0, self._ring)


@on_uvloop
async def test_an_early_alarm_makes_no_early_call() -> None:
    """Even an alarm that always rings too soon only costs CPU: the call waits for the clock."""
    deadlines, done = Deadlines(asyncio.get_running_loop(), alarm=EarlyAlarm), asyncio.Event()
    due = now_ns() + 5_000_000
    deadlines.call_at(due, done.set)
    await done.wait()
    assert now_ns() >= due
    deadlines.close()


class Scripted:
    """A clock and an alarm that the test moves by hand."""

    name = "scripted"

    def __init__(self) -> None:
        """Begin at 0, unset."""
        self.now = 0
        self.set_to: list[int] = []
        self.ring: Callable[[], None] = lambda: None

    def make(self, _loop: object, ring: Callable[[], None]) -> "Scripted":
        """Be the alarm of a `Deadlines`."""
        self.ring = ring
        return self

    def set(self, due_ns: int) -> None:
        """Note what was asked."""
        self.set_to.append(due_ns)

    def close(self) -> None:
        """Nothing to give back."""


@on_uvloop
async def test_one_alarm_serves_all_and_is_set_as_rarely_as_possible() -> None:
    """The alarm is set for the earliest call; a later one does not touch it; a ring sets it for the next."""
    script, calls = Scripted(), []
    deadlines = Deadlines(asyncio.get_running_loop(), alarm=script.make, clock=lambda: script.now)
    for due in (50, 70, 30, 50):
        deadlines.call_at(due, lambda due=due: calls.append(due))
    assert script.set_to == [50, 30]
    script.now = 29
    script.ring()
    assert (calls, script.set_to) == ([], [50, 30, 30])
    script.now = 50
    deadlines.run_due(9)  # as between two reads
    assert (calls, deadlines.next_ns) == ([30, 50, 50], 70)
    script.ring()
    assert script.set_to[-1] == 70
    script.now = 71
    script.ring()
    assert (calls, deadlines.next_ns) == ([30, 50, 50, 70], NEVER)
    assert len(script.set_to) == 4


@on_uvloop
async def test_equal_times_are_served_in_the_order_asked() -> None:
    """Of calls with the same time, the first asked for is made first."""
    script, calls = Scripted(), []
    deadlines = Deadlines(asyncio.get_running_loop(), alarm=script.make, clock=lambda: script.now)
    for name in "abc":
        deadlines.call_at(5, lambda name=name: calls.append(name))
    script.now = 5
    script.ring()
    assert calls == ["a", "b", "c"]


@on_uvloop
async def test_a_ring_makes_few_calls_and_the_rest_follow_at_once() -> None:
    """Reading gets its turn after CALLS_PER_RING calls; the alarm is set for those left, though past."""
    script, calls = Scripted(), []
    deadlines = Deadlines(asyncio.get_running_loop(), alarm=script.make, clock=lambda: script.now)
    for due in range(1, 21):
        deadlines.call_at(due, lambda due=due: calls.append(due))
    script.now = 100
    deadlines.run_due(1)
    assert (calls, deadlines.next_ns, script.set_to) == ([1], 2, [1])
    script.ring()
    assert (len(calls), script.set_to) == (1 + CALLS_PER_RING, [1, 2 + CALLS_PER_RING])
    while deadlines.next_ns != NEVER:
        script.ring()
    assert calls == list(range(1, 21))


@on_uvloop
async def test_a_call_made_within_a_call_is_not_lost() -> None:
    """A call may ask for another one, sooner or later than those that wait."""
    deadlines, done, calls = Deadlines(asyncio.get_running_loop()), asyncio.Event(), []

    def first() -> None:
        calls.append("first")
        deadlines.call_at(now_ns() + 3_000_000, lambda: (calls.append("second"), done.set()))

    deadlines.call_at(now_ns() + 1_000_000, first)
    await done.wait()
    deadlines.close()
    assert calls == ["first", "second"]


@pytest.mark.parametrize("alarm", ALARMS)
@on_uvloop
async def test_closing_forgets_what_is_left(alarm: Callable[..., LoopAlarm | TimerfdAlarm]) -> None:
    """After close() no call is made."""
    deadlines, calls = Deadlines(asyncio.get_running_loop(), alarm=alarm), []
    deadlines.call_at(now_ns() + 2_000_000, lambda: calls.append("late"))
    deadlines.close()
    await asyncio.sleep(0.01)
    assert calls == []


@pytest.mark.skipif(sys.platform != "linux", reason="timerfd is Linux's")
@on_uvloop
async def test_timerfd_is_given_back() -> None:
    """Opening and closing alarms leaves no file open, and Linux uses this alarm."""

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    loop, before = asyncio.get_running_loop(), open_files()
    for _ in range(20):
        platform_alarm(loop, lambda: None).close()
    assert open_files() == before
    alarm = platform_alarm(loop, lambda: None)
    assert alarm.name == "timerfd"
    alarm.close()
    with pytest.raises(OSError, match="timerfd_settime failed") as wrong:
        alarm.set(time.monotonic_ns())
    assert wrong.value.errno == errno.EBADF


@on_uvloop
async def test_cancelled_calls_are_not_made_and_not_kept() -> None:
    """The others are made in their order; once most calls are cancelled, those are forgotten at once."""
    script, calls = Scripted(), []
    deadlines = Deadlines(asyncio.get_running_loop(), alarm=script.make, clock=lambda: script.now)
    numbers = [deadlines.call_at(due, lambda due=due: calls.append(due)) for due in range(10)]
    deadlines.cancel(numbers[1:4])
    assert len(deadlines) == 10  # a few are passed over when their time comes
    script.now = 5
    deadlines.run_due(3)
    assert (calls, deadlines.next_ns) == ([0, 4, 5], 6)
    many = [deadlines.call_at(10**9, lambda: calls.append(-1)) for _ in range(1000)]
    deadlines.cancel(many)
    assert (len(deadlines), deadlines.next_ns) == (4, 6)
    script.now = 10**10
    while deadlines.next_ns != NEVER:
        script.ring()
    assert calls == [0, 4, 5, 6, 7, 8, 9]
