"""The database's side of a record, from what PostgreSQL had counted before and after the trial."""

from __future__ import annotations

from typing import Any

from tripod.trial.counted import counted

BEFORE = {
    "opened": 3,
    "sessions": 5,
    "transactions": 100,
    "rows_returned": 1000,
    "deadlocks": 1,
    "views": 40,
    "crashed": "2030-01-01",
    "version": "18.4",
}
AFTER = BEFORE | {
    "sessions": 20,
    "transactions": 400,
    "rows_returned": 5000,
    "deadlocks": 2,
    "views": 47,
}
TOLD: dict[str, Any] = {"before": BEFORE, "after": AFTER, "active": [0, 7, 3], "statements": None}


def test_what_was_counted_in_between() -> None:
    """Differences; sessions count from the server's start, without ours, and are no transactions."""
    assert counted(TOLD) == {
        "kind": "postgres",
        "version": "18.4",
        "transactions": 300 - 15,
        "rows_returned": 4000,
        "deadlocks": 1,
        "connections_opened": 20 - 3 - 2,
        "active_peak": 7,
        "active_samples": 3,
        "views_added": 7,
        **dict.fromkeys(("queries", "round_trips", "rows_to_client", "total_ms", "statements")),
    }
    told = counted(TOLD | {"active": [], "statements": {"queries": 9}})
    assert told
    assert (told["active_peak"], told["queries"]) == (None, 9)


def test_what_a_crash_lost_is_not_told() -> None:
    """Statistics that a crash set back are none; nor is a database that told nothing."""
    assert counted(TOLD | {"after": AFTER | {"crashed": "2030-01-02"}}) is None
    assert counted(None) is None
