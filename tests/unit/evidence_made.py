"""Evidence of cells, made by hand, for the tests of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from run_files import cell, fakedb, record

from tripod.stats.activity import Activity
from tripod.stats.figures import Figures
from tripod.stats.quantiles import Distribution
from tripod.verdicts.evidence import Cell, Trial

LEG_PAIRS = (("load", "app"), ("app", "db"), ("load", "db"))
APART = {frozenset(pair): "separate-kernels" for pair in LEG_PAIRS}
TOGETHER = {frozenset(pair): "one-host" for pair in LEG_PAIRS}
SAME_KERNEL = {frozenset(pair): "shared-kernel" for pair in LEG_PAIRS}
DURATION_S = 60.0


def spread(avg_ms: float, count: int, greatest_ms: float | None = None) -> Distribution:
    """Return times around a mean; the greatest may be far off."""
    points = ((0.0, avg_ms), (0.999, avg_ms), (1.0, greatest_ms or avg_ms))
    return Distribution(count, avg_ms, points)


def figures(rps: float = 100.0, *, duration_ms: float = 30.0, **changes: Any) -> Figures:
    """Return the figures of a trial of 60 s whose every tenth was alike."""
    ok = round(rps * DURATION_S)
    latencies = {"duration_ms": spread(duration_ms, ok), "blocked_ms": spread(0.01, ok)}
    made = {
        "requests": ok,
        "failed_requests": 0,
        "failures": {},
        "failed_checks": 0,
        "iterations": ok // 3,
        "ok_requests": ok,
        "ok_requests_total": ok,
        "latencies": latencies,
        "routes": {},
        "parts": (ok // 10,) * 10,
    }
    return Figures(**{**made, **changes})


def evidence(  # noqa: PLR0913 - all by name
    rps: float = 100.0,
    *,
    stack: str = "sync-gunicorn",
    workers: int = 1,
    activity: Mapping[str, Activity] | None = None,
    separations: Mapping[frozenset[str], str] | None = None,
    planned: Mapping[str, Any] | None = None,
    told: Mapping[str, Any] | None = None,
    **of_figures: Any,
) -> Cell:
    """Return a cell of one trial on the fake database at 25 ms; `told` are changes of its record."""
    found = figures(rps, **of_figures)
    calls = (found.ok_requests_total + 500) // 3
    trial = Trial(
        "a-r1",
        "a",
        {**record("a-r1"), "fakedb": fakedb(calls), **(told or {})},
        found,
        activity=activity or {},
    )
    known = APART if separations is None else separations
    usual = {"ceiling_rps": 240.0, "db_calls_per_request": 1 / 3}
    return Cell({**cell(stack, workers), **usual, **(planned or {})}, (trial,), known)
