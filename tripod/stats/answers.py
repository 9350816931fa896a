"""How exactly the fake database answered in a part of the time that it counted, by its moments (`/stats`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tripod.stats.series import Columns, SeriesError


def in_window(
    told: Mapping[str, Any], begin_wall_us: float, seconds: float, *, clock_error_s: float
) -> dict[str, Any] | None:
    """Return what it answered in a window, as the key `fakedb.window` of record.json has it.

    None if its moments do not cover the window, or there are none.

    Args:
        told: its `/stats`.
        begin_wall_us: when the window began, on the wall clock of its host.
        seconds: how long it was.
        clock_error_s: by how much that may be off.

    """
    error, moments = told["latency_error_ms"], told.get("moments")
    if moments is None:
        return None
    counts = {f"count {bucket}": column for bucket, column in moments["counts"].items()}
    names = ("monotonic_us", "wall_us", "error_ns")
    columns = Columns({**{name: moments[name] for name in names}, **counts})
    try:
        window = columns.window(begin_wall_us, seconds)
    except SeriesError:
        return None
    answered = {
        int(bucket): columns.between(f"count {bucket}", window) or 0.0 for bucket in moments["counts"]
    }
    in_all = sum(answered.values())
    late_ns = columns.rise("error_ns", window)
    return {
        "seconds": window.seconds,
        "edge_error_s": columns.edge_error_s(window) + clock_error_s,
        "answered": round(in_all),
        # a part of an early answer is one: it was given near an edge
        "early": math.ceil(sum(count for bucket, count in answered.items() if _early(error, bucket))),
        "mean_ms": None if late_ns is None or in_all < 1 else late_ns / in_all / 1e6,
        "histogram": named(error, {bucket: round(count) for bucket, count in answered.items()}),
    }


def named(error: Mapping[str, Any], counts: Mapping[int, int]) -> dict[str, int]:
    """Return the upper bound of each bucket in ms, or `more` → answers; without empty ones."""
    names = [*(f"{bound:g}" for bound in error["bounds"]), "more"]
    return {names[bucket]: count for bucket, count in sorted(counts.items()) if count}


def _early(error: Mapping[str, Any], bucket: int) -> bool:
    return bucket < len(error["bounds"]) and error["bounds"][bucket] <= 0
