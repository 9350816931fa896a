"""How long who waits for whom in a trial, from the latency of the fake database: all of it follows from here.

Nobody's answer comes before the latency has passed, so each timeout is what would do without one, and the
latency on top. `None` for a latency means that of a real database, which no one knows beforehand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

CALL_S = 5.0
"""Seconds that an app gives a call to the database, beyond the latency; what apps do that nobody told."""

REQUEST_S = 20.0
"""Seconds that k6 gives a request, beyond what it may have to queue for."""

_QUEUE_MOST_S = 600.0
# From a request's timeout to the end of k6's drain, so that what began in the window is never cut off.
_DRAIN_EXTRA_S = 10.0
# From there to k6's own end, which sums up what it measured; past this it hangs.
_ENDING_S = 15.0
# gunicorn kills a worker that has been silent for so long, and one that blocks is silent for a whole call.
_GUNICORN_S = 30
# What a call takes beside its latency, at least, on a busy host.
_CALL_LEAST_S = 2.0


@dataclass(frozen=True)
class Patience:
    """How long a user of the load waits.

    Attributes:
        request_s: seconds that a request may take.
        drain_s: seconds that k6 waits for iterations in flight once the load's length has passed.

    """

    request_s: float = REQUEST_S
    drain_s: float = REQUEST_S + _DRAIN_EXTRA_S

    def limit_s(self, length_s: float) -> float:
        """Return the seconds after which a k6 whose load lasts `length_s` hangs."""
        return length_s + self.drain_s + _ENDING_S


def users(vus: int, db_sleep_ms: int | None) -> Patience:
    """Return the patience of so many users.

    Where an app works on one request at a time, the calls of all other users come before one's own. That is
    waited for, up to ten minutes: such a row is slow, and not broken.
    """
    queued_s = min(vus * _latency_s(db_sleep_ms), _QUEUE_MOST_S)
    return Patience(REQUEST_S + queued_s, REQUEST_S + queued_s + _DRAIN_EXTRA_S)


def call_s(db_sleep_ms: int | None) -> float:
    """Return the seconds that an app gives a call to the database in all."""
    return CALL_S + _latency_s(db_sleep_ms)


def silence_s(call: float) -> int | None:
    """Return for how long gunicorn must bear a silent worker in calls of `call` s; None: as by default."""
    needed = math.ceil(call) + 1
    return needed if needed > _GUNICORN_S else None


def silence_problem(own_s: int | None, db_sleep_ms: int | None) -> str | None:
    """Return what is allowed where a row's `--timeout` would kill workers in mid-call; None if it fits."""
    needed = math.ceil(_latency_s(db_sleep_ms) + _CALL_LEAST_S)
    if not own_s or own_s >= needed:
        return None
    most_ms = int((own_s - _CALL_LEAST_S) * 1000)
    lower = f"a db_sleep of at most {most_ms}, " if most_ms >= 0 else ""
    return f"{lower}or a --timeout of at least {needed} (or none: it is then set as needed)"


def _latency_s(db_sleep_ms: int | None) -> float:
    return (db_sleep_ms or 0) / 1000
