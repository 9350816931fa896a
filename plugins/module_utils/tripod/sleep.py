"""How long this machine has slept: the difference of a clock that went on and of one that did not."""

from __future__ import annotations

import sys
import time


def slept_s() -> float:
    """Return the seconds that the machine has slept; of use is the difference of two calls."""
    # macOS means by CLOCK_MONOTONIC what Linux means by CLOCK_BOOTTIME.
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(time.CLOCK_UPTIME_RAW)
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
