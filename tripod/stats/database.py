"""The database's side of a cell's row: what the server itself counted, per successful request.

The server counts over a whole trial, so figures per request are over the successful requests of its warm-up
and its measurement together, drains included. Over several trials sums are divided by sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Counted:
    """What the database counted in one trial.

    Attributes:
        told: the key `database` of the trial's record.
        requests: the successful requests that belong to it: of warm-up and measurement, drains included.

    """

    told: Mapping[str, Any]
    requests: int


@dataclass(frozen=True)
class Side:
    """The database's side of a cell.

    Attributes:
        requests: successful requests of all trials that the database counted.
        trials: how many those are.
        sums: counts over them; None where the server does not count it.
        active_peak: most sessions that worked at once, as sampled; None without a sample.
        statement_ms: mean execution time of the statement that took the most time in all.

    """

    requests: int
    trials: int
    sums: Mapping[str, float | None]
    active_peak: int | None
    statement_ms: float | None

    def figures(self) -> dict[str, Any]:
        """Return the figures as they stand in a row of summary.json."""
        return {
            "requests": self.requests,
            "counts_statements": self.sums["queries"] is not None,
            **{key: self._per_request(of) for key, of in _PER_REQUEST.items()},
            "statement_ms": self.statement_ms,
            "connections_opened": self.sums["connections_opened"],
            "active_peak": self.active_peak,
            "deadlocks": self.sums["deadlocks"],
        }

    def _per_request(self, key: str) -> float | None:
        total = self.sums[key]
        return None if total is None or not self.requests else total / self.requests


# Key of the row: key of the record.
_PER_REQUEST = {
    "queries_per_request": "queries",
    "round_trips_per_request": "round_trips",
    "transactions_per_request": "transactions",
    "connections_per_request": "connections_opened",
    "rows_read_per_request": "rows_returned",
    "rows_sent_per_request": "rows_to_client",
    "per_request_ms": "total_ms",
}
_SUMMED = (*_PER_REQUEST.values(), "deadlocks", "views_added")


def side_of(counted: Sequence[Counted]) -> Side | None:
    """Return the database's side of a cell's good trials; None if no database counted anything for them."""
    if not counted:
        return None
    records = [one.told for one in counted]
    peaks = [record["active_peak"] for record in records if record["active_peak"] is not None]
    return Side(
        requests=sum(one.requests for one in counted),
        trials=len(counted),
        sums={key: _sum([record[key] for record in records]) for key in _SUMMED},
        active_peak=max(peaks, default=None),
        statement_ms=_slowest_ms(records),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _slowest_ms(records: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the mean execution time of the statement that took the most time over all trials."""
    taken: dict[str, list[float]] = {}
    for record in records:
        for statement in record["statements"] or []:
            total_and_calls = taken.setdefault(statement["query"], [0.0, 0.0])
            total_and_calls[0] += statement["total_ms"]
            total_and_calls[1] += statement["calls"]
    total_ms, calls = max(taken.values(), default=[0.0, 0.0])
    return total_ms / calls if calls else None
