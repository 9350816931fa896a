"""The database's side of a trial: what PostgreSQL counted in it, or how the fake database kept its time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.stats import answers
from tripod.trial.telemetry import Begin

# What the record takes from the fake database's `/stats` as it is.
_OF_FAKEDB = (
    "sleep_ms",
    "timer",
    "requests",
    "answered",
    "abandoned",
    "in_flight_max",
    "in_flight_mean",
    "held_s",
    "connections_total",
    "cpu_s",
    "errors",
)
# Sessions that the watching itself opens in the applications' database between the two counts.
_OWN_SESSIONS = 2
# What pg_stat_statements alone can tell; the embedded server is without it.
_OF_STATEMENTS = ("queries", "round_trips", "rows_to_client", "total_ms", "statements")


def counted(
    kind: str, told: Mapping[str, Any] | None, begun: Begin | None, duration_s: float
) -> dict[str, dict[str, Any] | None]:
    """Return the parts `database` and `fakedb` of record.json, None on another kind or if nothing was told.

    Args:
        kind: of the database.
        told: what the stop of the trial's services returned of it.
        begun: when the measured window began by its host's clock; None if that is not known.
        duration_s: how long the window was.

    """
    return {
        "database": postgres(told) if kind == "postgres" else None,
        "fakedb": fakedb(told, begun, duration_s) if kind == "fakedb" else None,
    }


def fakedb(told: Mapping[str, Any] | None, begun: Begin | None, duration_s: float) -> dict[str, Any] | None:
    """Return what the fake database's `/stats` tell of a whole trial, and of the measured window."""
    if not told:
        return None
    error = told["latency_error_ms"]
    window = begun and answers.in_window(told, begun.wall_us, duration_s, clock_error_s=begun.error_s)
    return {
        **{key: told.get(key) for key in _OF_FAKEDB},
        "error_ms": {key: error[key] for key in ("early", "min", "mean", "max", "quantiles")},
        "histogram": answers.named(error, dict(enumerate(error["counts"]))),
        "window": window,
    }


def postgres(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what PostgreSQL counted in between; None if nothing was told, or if a crash lost it."""
    if not told or told["before"]["crashed"] != told["after"]["crashed"]:
        return None
    before, after, active = told["before"], told["after"], told["active"]
    sessions = after["sessions"] - before["sessions"]
    return {
        "kind": "postgres",
        "version": after["version"],
        # Every session's start is a transaction to PostgreSQL, too.
        "transactions": after["transactions"] - before["transactions"] - sessions,
        "rows_returned": after["rows_returned"] - before["rows_returned"],
        "deadlocks": after["deadlocks"] - before["deadlocks"],
        "connections_opened": after["sessions"] - before["opened"] - _OWN_SESSIONS,
        "active_peak": max(active, default=None),
        "active_samples": len(active),
        "views_added": after["views"] - before["views"],
        **(told["statements"] or dict.fromkeys(_OF_STATEMENTS)),
    }
