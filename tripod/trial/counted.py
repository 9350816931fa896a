"""The database's side of a trial: what PostgreSQL counted, from what it had counted before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Sessions that the watching itself opens in the applications' database between the two counts.
_OWN_SESSIONS = 2
# What pg_stat_statements alone can tell; the embedded server is without it.
_OF_STATEMENTS = ("queries", "round_trips", "rows_to_client", "total_ms", "statements")


def counted(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the part `database` of record.json; None if nothing was told, or if a crash lost it.

    `told` is what the stop of the trial's services returned of the database.
    """
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
