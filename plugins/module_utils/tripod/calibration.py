"""Fixed work, timed: how fast a host is at the moment, whatever its clock, its neighbours or its meter say.

A host may give a process its whole core, report no steal, and yet run it at half the speed: another thread of
the same physical core, a lower clock, a cache that others use.
"""

from __future__ import annotations

import hashlib
import time

LOOPS = 40
# Work of one loop: about 0.5 ms, well below the time that a scheduler lets a process run. So of several loops
# one runs from end to end even where others want the core.
CONTENT = bytes(range(256)) * 2400
# No further loop begins after so much CPU time: a slow host is not kept longer. Time in which others have the
# core is not counted, or the only loop would be one that had waited for it.
MOST_CPU_S = 0.04


def best_s() -> float:
    """Return the seconds that the fastest of several loops of the same work took; in 40 ms of CPU at most."""
    begun, now = time.thread_time(), time.perf_counter()
    best = float("inf")
    for _ in range(LOOPS):
        _work()
        before, now = now, time.perf_counter()
        best = min(best, now - before)
        if time.thread_time() - begun > MOST_CPU_S:
            break
    return best


def _work() -> bytes:
    """Compute in C, as fast in every process: a loop of Python is not, since memory lies by chance."""
    return hashlib.sha512(CONTENT).digest()
