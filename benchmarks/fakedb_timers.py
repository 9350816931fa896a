"""Why the fake database waits as it does: `python benchmarks/fakedb_timers.py`.

Compares the alarms that `fakedb.deadlines` could wait on, without any network: how late calls come, and what
the waiting costs. `spin` wakes up to a millisecond early and then turns in the event loop until the time has
come.
"""

import asyncio
import sys
import time
from collections.abc import Callable

import uvloop

from fakedb.deadlines import Alarm, Deadlines, LoopAlarm, TimerfdAlarm, now_ns
from fakedb.latency import NS_PER_MS

CHAINS = 10  # as many as the load `poc` has users
SLEEP_NS = 25 * NS_PER_MS
SECONDS = 5


class SpinAlarm(LoopAlarm):
    """The event loop's timer, rounded down; the rest is waited for without sleeping."""

    name = "spin"

    def set(self, due_ns: int) -> None:
        """Ring up to a millisecond early: `Deadlines` sets again what came too soon."""
        self.close()
        milliseconds = max((due_ns - now_ns()) // NS_PER_MS, 0)
        self._handle = self._loop.call_later(milliseconds / 1000, self._ring)


async def measure(alarm: Callable[..., Alarm]) -> tuple[list[int], float]:
    """Return every call's error in nanoseconds, sorted, and the CPU seconds used."""
    loop = asyncio.get_running_loop()
    deadlines, errors, end = Deadlines(loop, alarm=alarm), [], now_ns() + SECONDS * 10**9

    def call(due_ns: int) -> None:
        now = now_ns()
        errors.append(now - due_ns)
        if now < end:
            # Chains that fell together would stay together: a quarter of a millisecond parts them again.
            wait(now + SLEEP_NS + len(errors) % 5 * NS_PER_MS // 20)

    def wait(due_ns: int) -> None:
        deadlines.call_at(due_ns, lambda: call(due_ns))

    started = time.process_time()
    for chain in range(CHAINS):
        wait(now_ns() + SLEEP_NS * chain // CHAINS)
    await asyncio.sleep(SECONDS + 0.1)
    cpu = time.process_time() - started
    deadlines.close()
    return sorted(errors), cpu


def main() -> int:
    """Measure each alarm and print."""
    alarms: list[type[LoopAlarm | TimerfdAlarm]] = [
        LoopAlarm,
        SpinAlarm,
        *([TimerfdAlarm] if sys.platform == "linux" else []),
    ]
    print(f"{CHAINS} calls of {SLEEP_NS / NS_PER_MS:g} ms in flight, {SECONDS} s per alarm; errors in ms")
    print("alarm        calls      min      p50      p99      max   CPU   CPU per call")
    for alarm in alarms:
        errors, cpu = uvloop.run(measure(alarm))
        ranks = (0, len(errors) // 2, len(errors) * 99 // 100, len(errors) - 1)
        figures = " ".join(f"{errors[rank] / NS_PER_MS:8.3f}" for rank in ranks)
        cost = f"{cpu / SECONDS:5.1%} {1e6 * cpu / len(errors):11.0f} µs"
        print(f"{alarm.name:8} {len(errors):9} {figures} {cost}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
