"""What the plan must know of a k6 workload: the facts beside its script, `k6/workloads/<name>.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Route:
    """One of the requests that a workload sends.

    Attributes:
        requests_per_iteration: how often one virtual user sends it in an iteration.
        db_calls_per_request: how often it waits for the database.
        db_queries_per_request: queries that an app needs for it; None where no real database is asked.
        db_views_per_request: how far it raises the sum of all view counts; None as above.

    """

    requests_per_iteration: int
    db_calls_per_request: int
    db_queries_per_request: int | None = None
    db_views_per_request: int | None = None


@dataclass(frozen=True)
class Workload:
    """The shape of one iteration, the same file that the k6 script reads.

    Attributes:
        pause_s: time that a virtual user sleeps in an iteration, seconds, unless the load says otherwise.
        routes: by name, what it sends, one after the other.

    """

    pause_s: float
    routes: Mapping[str, Route]

    @property
    def requests_per_iteration(self) -> int:
        """Requests that one virtual user sends in an iteration."""
        return sum(route.requests_per_iteration for route in self.routes.values())

    @property
    def db_calls_per_iteration(self) -> int:
        """How often these wait for the database, one after the other."""
        return sum(r.requests_per_iteration * r.db_calls_per_request for r in self.routes.values())

    @property
    def db_calls_per_request(self) -> float:
        """How often a request waits for the database, on average."""
        return self.db_calls_per_iteration / self.requests_per_iteration

    @property
    def db_queries_per_request(self) -> float | None:
        """Queries that an app needs for a request, on average; None where no real database is asked."""
        return self._per_request([(r, r.db_queries_per_request) for r in self.routes.values()])

    @property
    def db_views_per_request(self) -> float | None:
        """How far a request raises the sum of all view counts, on average; None likewise."""
        return self._per_request([(r, r.db_views_per_request) for r in self.routes.values()])

    def _per_request(self, each: list[tuple[Route, int | None]]) -> float | None:
        sums = [route.requests_per_iteration * of for route, of in each if of is not None]
        return sum(sums) / self.requests_per_iteration if len(sums) == len(each) else None

    def alone(self, route: str) -> Workload:
        """Return the workload whose iteration is one request of this route, and the pause."""
        return replace(self, routes={route: replace(self.routes[route], requests_per_iteration=1)})

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
    facts = json.loads((root / "k6" / "workloads" / f"{name}.json").read_text(encoding="utf-8"))
    return Workload(facts["pause_s"], {name: Route(**route) for name, route in facts["routes"].items()})
