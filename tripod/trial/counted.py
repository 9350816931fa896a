"""The database's side of a trial: what PostgreSQL counted in it, or how the fake database kept its time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What the record takes from the fake database's `/stats` as it is.
_OF_FAKEDB = (
    "sleep_ms",
    "timer",
    "requests",
    "answered",
    "abandoned",
    "in_flight_max",
    "in_flight_mean",
    "connections_total",
    "cpu_s",
    "errors",
)
# Sessions that the watching itself opens in the applications' database between the two counts.
_OWN_SESSIONS = 2
# What pg_stat_statements alone can tell; the embedded server is without it.
_OF_STATEMENTS = ("queries", "round_trips", "rows_to_client", "total_ms", "statements")


def counted(kind: str, told: Mapping[str, Any] | None) -> dict[str, dict[str, Any] | None]:
    """Return the parts `database` and `fakedb` of record.json, None on another kind or if nothing was told.

    `told` is what the stop of the trial's services returned of the database.
    """
    return {
        "database": postgres(told) if kind == "postgres" else None,
        "fakedb": fakedb(told) if kind == "fakedb" else None,
    }


def fakedb(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the fake database's `/stats` tell of a whole trial; of the histogram what is not empty."""
    if not told:
        return None
    error = told["latency_error_ms"]
    names = [*(f"{bound:g}" for bound in error["bounds"]), "more"]
    counts = zip(names, error["counts"], strict=True)
    return {
        **{key: told[key] for key in _OF_FAKEDB},
        "error_ms": {key: error[key] for key in ("early", "min", "mean", "max", "quantiles")},
        "histogram": {name: count for name, count in counts if count},
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
