"""What the server counts, and the histogram of how exactly it kept its latency."""

import os
import time
from bisect import bisect_right
from collections import Counter
from math import ceil
from typing import Any

from fakedb.latency import NS_PER_MS, to_ms
from fakedb.moments import Moments

# Bucket bounds. Late answers are what to expect, so the positive side is fine: the R10 series of preferred
# numbers (ISO 3), ten bounds per decade, from 1 µs to 10 s. Early answers should not exist: a coarse negative
# side shows how bad it is if they do. The bound 0 parts the two.
_R10 = (1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)
_EARLY_MS = (-1000, -100, -10, -5, -2, -1, -0.5, -0.2, -0.1, -0.05, -0.02, -0.01)
_LATE_NS = tuple(round(step * 10**decade) for decade in range(3, 10) for step in _R10)
BOUNDS_NS: tuple[int, ...] = (*(round(ms * NS_PER_MS) for ms in _EARLY_MS), 0, *_LATE_NS, 10**10)
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}


class ErrorHistogram:
    """Signed latency errors in nanoseconds, in buckets declared once.

    Bucket i holds the errors e with bounds[i-1] <= e < bounds[i]; the first and the last are open-ended. An
    error of exactly 0 is therefore on the late side, and every early answer is in a bucket whose upper bound
    is at most 0.
    """

    __slots__ = ("counts", "max_ns", "min_ns", "sum_ns")

    def __init__(self) -> None:
        """Begin empty."""
        self.counts = [0] * (len(BOUNDS_NS) + 1)
        self.sum_ns = 0
        self.min_ns: int | None = None
        self.max_ns: int | None = None

    def add(self, error_ns: int) -> None:
        """Count one answer: when it was given minus when it was due."""
        self.counts[bisect_right(BOUNDS_NS, error_ns)] += 1
        self.sum_ns += error_ns
        if self.min_ns is None or error_ns < self.min_ns:
            self.min_ns = error_ns
        if self.max_ns is None or error_ns > self.max_ns:
            self.max_ns = error_ns

    def quantile_ns(self, q: float) -> int | None:
        """Return the upper bound of the quantile's bucket, or the maximum seen if that is less."""
        total = sum(self.counts)
        if not total or self.max_ns is None:
            return None
        rank, seen = max(1, ceil(q * total)), 0
        for bound, count in zip(BOUNDS_NS, self.counts, strict=False):
            seen += count
            if seen >= rank:
                return min(bound, self.max_ns)
        return self.max_ns

    def as_json(self) -> dict[str, Any]:
        """All figures in milliseconds; the ones over no answers are null."""
        count = sum(self.counts)

        def ms(value: int | None) -> float | None:
            return None if value is None else to_ms(value)

        return {
            "count": count,
            "early": sum(self.counts[: BOUNDS_NS.index(0) + 1]),
            "min": ms(self.min_ns),
            "mean": ms(round(self.sum_ns / count)) if count else None,
            "max": ms(self.max_ns),
            "quantiles": {name: ms(self.quantile_ns(q)) for name, q in QUANTILES.items()},
            "bounds": [to_ms(bound) for bound in BOUNDS_NS],
            "counts": list(self.counts),
        }


class Stats:
    """The counters behind `GET /stats`. A request is one for a value; `/stats` itself is none."""

    def __init__(self, *, sleep_ns: int, service: str | None, timer: str) -> None:
        """`timer` names the kind of alarm in use."""
        self._fixed = {"service": service, "sleep_ms": to_ms(sleep_ns), "timer": timer}
        self._started = time.monotonic()
        self.connections = 0
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Zero what has been counted; what exists at this moment (in flight, connections) stays."""
        self.requests = 0
        self.answered = 0
        self.abandoned = 0
        self.in_flight_max = self.in_flight
        # The integral of in_flight over time is that of all requests' ends minus that of their beginnings.
        self._began_ns: int | None = time.monotonic_ns() if self.in_flight else None
        self._ended_ns = 0
        self._held_ns = -self.in_flight * time.monotonic_ns()
        self.connections_total = self.connections
        self.errors: Counter[int] = Counter()
        self.latency_error = ErrorHistogram()
        self._moments = Moments()
        self._reset = time.monotonic()
        self._reset_cpu = time.process_time()

    def arrive(self, now_ns: int) -> None:
        """Count a request that has been read whole at `now_ns` on the monotonic clock."""
        if now_ns >= self._moments.due_ns:
            self._keep_moment(now_ns)
        self.requests += 1
        self._held_ns -= now_ns
        if self._began_ns is None:
            self._began_ns = now_ns
        self.in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight)

    def answer(self, error_ns: int, now_ns: int) -> None:
        """Count an answer that is being sent at `now_ns`, `error_ns` after it was due."""
        if now_ns >= self._moments.due_ns:
            self._keep_moment(now_ns)
        self.answered += 1
        self.in_flight -= 1
        self._held_ns += now_ns
        self._ended_ns = now_ns
        self.latency_error.add(error_ns)

    def abandon(self, count: int, now_ns: int) -> None:
        """Count requests whose client has left before the answer, by `now_ns`."""
        if count:
            self.abandoned += count
            self.in_flight -= count
            self._held_ns += count * now_ns
            self._ended_ns = now_ns

    def _keep_moment(self, now_ns: int) -> None:
        self._moments.keep(now_ns, self.latency_error.sum_ns, self.latency_error.counts)

    def held_ns(self, now_ns: int) -> int:
        """Return the sum of the times that requests have been in flight, until `now_ns`."""
        return self._held_ns + self.in_flight * now_ns

    def in_flight_mean(self, now_ns: int) -> float | None:
        """Return how many were in flight from the first request to the last answer, or until `now_ns`."""
        ended_ns = now_ns if self.in_flight else self._ended_ns
        if self._began_ns is None or ended_ns <= self._began_ns:
            return None
        return round(self.held_ns(ended_ns) / (ended_ns - self._began_ns), 3)

    def as_json(self) -> dict[str, Any]:
        """Return what `/stats` answers; README.md explains each key."""
        now, now_ns = time.monotonic(), time.monotonic_ns()
        return {
            "pid": os.getpid(),
            **self._fixed,
            "uptime_s": round(now - self._started, 3),
            "counting_s": round(now - self._reset, 3),
            "cpu_s": round(time.process_time() - self._reset_cpu, 6),
            "requests": self.requests,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "in_flight": self.in_flight,
            "in_flight_max": self.in_flight_max,
            "in_flight_mean": self.in_flight_mean(now_ns),
            "held_s": round(self.held_ns(now_ns) / 1e9, 6),
            "connections": self.connections,
            "connections_total": self.connections_total,
            "errors": {str(status): count for status, count in sorted(self.errors.items())},
            "latency_error_ms": self.latency_error.as_json(),
            "moments": self._moments.as_json(now_ns, self.latency_error.sum_ns, self.latency_error.counts),
        }
