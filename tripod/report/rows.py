"""Makes the rows of the table: one per cell, with its figures, its verdict and its place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue import shapes
from tripod.runs.results import Run, cells_of
from tripod.stats.figures import LATENCIES
from tripod.stats.quantiles import PERCENTILES, Distribution, merge, percentile, shown
from tripod.stats.service_level import offer_of, service_level
from tripod.verdicts import limits, model, registry, slots
from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Severity


def make(run: Run) -> list[dict[str, Any]]:
    """Return the rows of a run in their order, as `tripod.runs.formats.table.Row` declares them."""
    return _ordered([_row(cell) for cell in cells_of(run)])


def group_of(row: Mapping[str, Any]) -> str:
    """Return the key of the row's group: its database setting and its load."""
    return json.dumps([row["database"], row["db_sleep_ms"], row["load"]], sort_keys=True)


def severity_of(row: Mapping[str, Any]) -> Severity | None:
    """Return how much what is said of the row matters; None if nothing is."""
    codes = {key: row[key] for key in ("void", "bound", "notes")}
    return registry.severity(**codes, measured=row["status"] != "failed")


def _row(cell: Cell) -> dict[str, Any]:
    verdict = registry.judge(cell)
    limited = limits.limited_by(cell)
    routes = _routes(cell)
    return {
        **_planned(cell.planned),
        **_versions(cell),
        "rank": None,
        "status": "ok" if cell.measured else "failed",
        "reasons": list(verdict.codes),
        "void": list(verdict.void),
        "bound": list(verdict.bound),
        "notes": list(verdict.notes),
        "not_judged": list(verdict.not_judged),
        "limited_by": limited.by if limited else None,
        "limited_by_evidence": limited.evidence if limited else None,
        "slots_claimed": slots.claimed_by(cell),
        "slots_seen": slots.seen_in(cell),
        "model_rps": model.rps(cell),
        "trials": len(cell.trials),
        "trials_failed": len(cell.trials) - len(cell.figures),
        "requests": cell.requests,
        "failed_requests": cell.failed_requests,
        "failures": cell.failures,
        "failed_checks": cell.failed_checks,
        "iterations": cell.iterations,
        "rps": cell.rps,
        "capacity_rps": _capacity_rps(cell),
        "rps_per_trial": list(cell.rps_per_trial),
        "ceiling_rps": cell.planned["ceiling_rps"],
        "service_level": _service_level(cell),
        "db": cell.side.figures() if cell.side else None,
        "cost": cell.cost,
        **{key: _statistics(cell, [trial.latencies.get(key) for trial in cell.figures]) for key in LATENCIES},
        "route_duration_ms": {name: route["duration_ms"] for name, route in routes.items()},
        "routes": routes,
    }


def _planned(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row takes from the plan; runs from before there were pools know none."""
    fixed = ("cell", "stack", "mode", "command", "workers", "threads", "database", "db_sleep_ms")
    return {
        **{key: cell[key] for key in fixed},
        "pool": cell.get("pool"),
        "ledger": cell.get("ledger"),
        "load": shapes.complete(cell["load"]),
    }


def _versions(cell: Cell) -> dict[str, str | None]:
    """Return framework, server and Python as the apps told; where they did not, the plan's names."""
    answers = [
        service["ready"]
        for trial in cell.trials
        if trial.record and (service := trial.record["services"]["app"]) and service["ready"]
    ]
    found = {}
    for key in ("framework", "server", "python"):
        told = dict.fromkeys(str(answer[key]) for answer in answers if answer.get(key))
        found[key] = ", ".join(told) or cell.planned.get(key)
    return found


def _routes(cell: Cell) -> dict[str, dict[str, Any]]:
    """Return each route's rate and latency, in the order of their names."""
    names = {route for figures in cell.figures for route in (*figures.routes, *figures.ok_of_routes)}
    return {
        name: {
            "rps": _rps_of(cell, name),
            "duration_ms": _statistics(cell, [figures.routes.get(name) for figures in cell.figures]),
        }
        for name in sorted(names)
    }


def _rps_of(cell: Cell, route: str) -> float | None:
    """Return a route's successes over all time; None where a trial did not tell them apart."""
    counts = [figures.ok_of_routes.get(route) for figures in cell.figures]
    known = [count for count in counts if count is not None]
    if not known or len(known) < len(counts):
        return None
    return sum(known) / len(known) / float(cell.planned["load"]["duration_s"])


def _capacity_rps(cell: Cell) -> float | None:
    records = [trial.record for trial in cell.trials if trial.record and trial.figures]
    rates = [record["capacity"]["rate"] for record in records if record.get("capacity")]
    known = [float(rate) for rate in rates if rate]
    return sum(known) / len(known) if known else None


def _service_level(cell: Cell) -> dict[str, Any] | None:
    offer = offer_of(cell.planned)
    kept = service_level(cell.figures, offer) if offer else None
    if kept is None:
        return None
    return {
        "scheduled_requests": kept.scheduled,
        "missed_requests": kept.missed,
        "missed_share": kept.missed_share,
        "dropped_iterations": kept.dropped_iterations,
        "lag_known": kept.lag_known,
        "lag_ms": _statistics(cell, [kept.lag]),
    }


def _statistics(cell: Cell, parts: Sequence[Distribution | None]) -> dict[str, float | None] | None:
    distribution = merge([part for part in parts if part is not None])
    if distribution is None:
        return None
    return {
        "avg": distribution.avg,
        "min": distribution.least,
        "max": distribution.greatest,
        **dict.fromkeys(PERCENTILES),
        **{
            key: percentile(distribution, share)
            for key, share in shown(cell.planned["load"]["duration_s"]).items()
        },
    }


def _ordered(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group the rows in the order of the matrix; in each, order by severity, then merit, and rank."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(group_of(row), []).append(row)
    ordered = []
    for group in groups.values():
        by = _latency_of(group)
        group.sort(key=lambda row: (_below(row), _merit(row, by)))
        by_merit = [row for row in group if not _below(row)]
        for row in by_merit:
            row["rank"] = _rank(row, by_merit, by)
        ordered += group
    return ordered


def _latency_of(group: Sequence[Mapping[str, Any]]) -> str:
    """Return which latency rows of a group are compared by: the p95, or the mean where one is without."""
    known = [row["duration_ms"] for row in group if row["duration_ms"]]
    return "avg" if any(latency["p95"] is None for latency in known) else "p95"


def _rank(row: Mapping[str, Any], by_merit: Sequence[Mapping[str, Any]], by: str) -> int | None:
    """Return 1 + the number of better rows, bound ones included: those may be faster still."""
    found = severity_of(row)
    if found and not found.has_place:
        return None
    return 1 + len([other for other in by_merit if _merit(other, by) < _merit(row, by)])


def _merit(row: Mapping[str, Any], by: str) -> tuple[float, float]:
    """Return what rows of a group are ordered by, the best first: the rate, where the load leaves it to them.

    At one offered rate all that keep the service level are as fast; their latency differs, here `by` one.
    """
    kept = row["service_level"]
    if kept is None:
        return (0.0, -(row["rps"] or 0.0))
    latency = row["duration_ms"]
    return (max(kept["missed_share"] - shapes.MISSED_ALLOWED, 0.0), latency[by] if latency else math.inf)


def _below(row: Mapping[str, Any]) -> int:
    found = severity_of(row)
    return found.below if found else 0
