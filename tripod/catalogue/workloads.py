"""What the plan must know of a k6 workload: the facts beside its script, `k6/workloads/<name>.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workload:
    """The shape of one iteration, the same file that the k6 script reads.

    Attributes:
        requests_per_iteration: requests that one virtual user sends in an iteration.
        pause_s: time that it sleeps in an iteration, seconds.
        db_calls_per_iteration: how many of those requests wait for the database, one after the other.
        db_queries_per_request: queries that an app needs for a request; None where no real database is asked.
        db_views_per_request: how far a request raises the sum of all view counts; None as above.

    """

    requests_per_iteration: int
    pause_s: float
    db_calls_per_iteration: int
    db_queries_per_request: int | None = None
    db_views_per_request: int | None = None

    def shortest_s(self, db_sleep_ms: int | None) -> float:
        """Return the seconds that an iteration lasts at least: its pause and the database's latency."""
        return self.pause_s + self.db_calls_per_iteration * (db_sleep_ms or 0) / 1000

    def ceiling_rps(self, vus: int, db_sleep_ms: int | None) -> float | None:
        """Return the rate that the load model cannot exceed, requests per second; None if nothing bounds it.

        A closed model: each of `vus` users repeats iterations that last at least the pause and the database's
        latency, if that is known (None: it is not). 10 users, 3 requests, 0.1 s and 25 ms make 240/s.
        """
        shortest_s = self.shortest_s(db_sleep_ms)
        return vus * self.requests_per_iteration / shortest_s if shortest_s > 0 else None


def workload_names(root: Path) -> list[str]:
    """Return the names of the workloads in `k6/workloads/` of the checkout at `root`."""
    return sorted(path.stem for path in (root / "k6" / "workloads").glob("*.json"))


def read_workload(name: str, root: Path) -> Workload:
    """Read a workload's facts; the names come from `workload_names`."""
    return Workload(**json.loads((root / "k6" / "workloads" / f"{name}.json").read_text(encoding="utf-8")))
