"""Makes the rows of the table: one per cell, with its figures, its verdict and its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue import shapes
from tripod.report import order
from tripod.report.order import Group
from tripod.runs.formats.declaration import MOST
from tripod.runs.results import Run, cells_of
from tripod.stats.figures import LATENCIES, Figures
from tripod.stats.intervals import coefficient_of_variation, of_mean
from tripod.stats.quantiles import PERCENTILES, Distribution, merge, percentile, shown
from tripod.stats.service_level import offer_of, service_level
from tripod.verdicts import limits, model, registry, slots
from tripod.verdicts.evidence import Cell


def make(run: Run) -> list[dict[str, Any]]:
    """Return the rows of a run in their order, as `tripod.runs.formats.table.Row` declares them."""
    return [row for group in groups(run) for row in group.rows]


def numbered(run: Run) -> dict[int, str]:
    """Return number of the row → name of its cell, in their order."""
    return {row["number"]: row["cell"] for row in make(run)}


def groups(run: Run) -> list[Group]:
    """Return the same rows as groups, whose trials can be compared."""
    cells = {cell.planned["cell"]: cell for cell in cells_of(run)}
    found = order.ordered(
        [_row(cell) for cell in cells.values()], lambda name, latency: _merits(cells[name], latency)
    )
    for number, row in enumerate((row for group in found for row in group.rows), 1):
        row["number"] = number
    return found


def _merits(cell: Cell, latency: str) -> dict[int, float]:
    """Return block → rate of each good trial; of an open load, which sets the rate, 1 ÷ this latency.

    None at all of a cell of which a trial answered nothing in its window: a rate of 0 has no logarithm, and
    without that trial the others would claim too much.
    """
    open_load = offer_of(cell.planned) is not None
    found = {}
    for trial in cell.good:
        if trial.record and trial.figures:
            if not (open_load or trial.figures.ok_requests):
                return {}
            value = _speed(trial.figures, latency) if open_load else float(trial.figures.ok_requests)
            if value:
                found[trial.block] = value
    duration_s = 1.0 if open_load else float(cell.planned["load"]["duration_s"])
    return {block: value / duration_s for block, value in found.items()}


def _speed(figures: Figures, latency: str) -> float | None:
    """Return 1 ÷ a trial's latency, per ms; None where it has too few values for that."""
    distribution = figures.latencies.get("duration_ms")
    if distribution is None:
        return None
    value = distribution.avg if latency == "avg" else percentile(distribution, PERCENTILES[latency])
    return 1 / value if value else None


def _row(cell: Cell) -> dict[str, Any]:
    verdict = registry.judge(cell)
    limited = limits.limited_by(cell)
    routes = _routes(cell)
    return {
        **_planned(cell.planned),
        **_versions(cell),
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
        "rps_interval": _rps_interval(cell),
        "rps_cv": coefficient_of_variation(cell.rps_per_trial),
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
        "twin_of": cell.get("twin_of"),
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


def _rps_interval(cell: Cell) -> list[float] | None:
    """Return the interval of the mean over trials, within what a rate can be, whatever few trials allow."""
    interval = of_mean(cell.rps_per_trial)
    return [max(interval.low, 0.0), min(interval.high, float(MOST))] if interval else None


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


def _statistics(cell: Cell, parts: Sequence[Distribution | None]) -> dict[str, Any] | None:
    known = [part for part in parts if part is not None]
    distribution = merge(known)
    if distribution is None:
        return None
    shares = shown(cell.planned["load"]["duration_s"])
    return {
        "avg": distribution.avg,
        "min": distribution.least,
        "max": distribution.greatest,
        **dict.fromkeys(PERCENTILES),
        **{key: percentile(distribution, share) for key, share in shares.items()},
        "range_over_trials": {
            **dict.fromkeys(PERCENTILES),
            **{key: _range(known, share) for key, share in shares.items()},
        },
    }


def _range(parts: Sequence[Distribution], share: float) -> list[float] | None:
    """Return the least and the greatest of the trials' own percentiles; None unless several have one."""
    values = [value for part in parts if (value := percentile(part, share)) is not None]
    return [min(values), max(values)] if len(values) == len(parts) > 1 else None
