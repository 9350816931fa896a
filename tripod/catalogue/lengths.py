"""How many trials a cell may have, how long one takes, and how long a run waits for a host that is away."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tripod.catalogue import capacity, lease, shapes

# A virtual machine is back at SSH this long after it went down; a server of metal may not be.
_BOOT_S = 120.0
_AWAY_MOST_S = 900.0


MOST_REPEATS = 1_000
"""Trials of a cell, at most."""

# What a trial takes beside its warm-up and measurement, and what provision and deploy take together on hosts
# that are set up already: seconds, as seen on a 2-core machine; they serve the announced time only.
TRIAL_OVERHEAD_S = 3.5
SETUP_S = 60.0


def offered_s(load: Mapping[str, Any]) -> float:
    """Return about how many seconds a trial is under a load, as a cell of a plan has it."""
    searching = shapes.complete(load)["shape"] == shapes.CAPACITY
    searched_s = capacity.expected_s(load["duration_s"]) if searching else 0.0
    return float(load["warmup_s"] + searched_s + load["duration_s"])


def away_s(loads: Iterable[Mapping[str, Any]]) -> int:
    """Return the seconds for which a run waits for a host that cannot be reached, before the next trial.

    As long as its longest trial, which a trial without the host would lose; at least until a host that was
    booted is back, or one that hears nothing has stopped by itself; at most a quarter of an hour.
    """
    longest_s = max(map(offered_s, loads), default=0.0)
    return math.ceil(min(max(longest_s, _BOOT_S, lease.stopped_s()), _AWAY_MOST_S))
