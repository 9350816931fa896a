"""Makes `summary.json` of a run: one row per cell, and what the table's header says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tripod.catalogue import databases
from tripod.runs.documents import FORMAT
from tripod.runs.results import Run, trials_of
from tripod.stats.database import Side, side_of
from tripod.stats.figures import LATENCIES
from tripod.stats.quantiles import Distribution, merge
from tripod.verdicts import reasons
from tripod.verdicts.evidence import Trial

_PERCENTILES = {"med": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def summarise(run: Run) -> dict[str, Any]:
    """Return the summary of a run, as `tripod/runs/schemas/summary.schema.json` describes it."""
    plan, end = run.plan, run.end or {}
    rows = _ordered([_row(cell, list(trials_of(run, cell["cell"]))) for cell in plan["cells"]])
    failures = [
        {"trial": trial.name, "cell": trial.cell, "reasons": list(trial.failure), "message": trial.message}
        for trial in run.trials
        if trial.figures is None
    ]
    return {
        "format": FORMAT,
        "run_id": plan["run_id"],
        "matrix": plan["matrix"]["name"],
        "created_at": plan["created_at"],
        "outcome": end.get("outcome", "unknown"),
        "message": end.get("message"),
        "seed": plan["seed"],
        "git": {key: plan["git"][key] for key in ("commit", "dirty")},
        "inventory": plan["inventory"],
        "k6_versions": _k6_versions(run),
        "database_versions": [
            f"{databases.title(kind)} {version}" for kind, version in _database_versions(run)
        ],
        "separation": run.hosts["separation"] if run.hosts else None,
        "hosts": _hosts(run),
        "pairs": _pairs(run),
        "trials": len(run.trials),
        "trials_failed": len(failures),
        **_harness(run),
        "rows": rows,
        "failures": failures,
        "problems": list(run.problems),
    }


def exit_code(summary: Mapping[str, Any]) -> int:
    """Return 0 if the run completed, all trials are measured without errors and all files whole; else 2."""
    fine = (
        summary["trials_failed"] == 0
        and summary["outcome"] == "completed"
        and not summary["problems"]
        and not any(reasons.ERRORS.code in row["reasons"] for row in summary["rows"])
    )
    return 0 if fine else 2


def group_of(row: Mapping[str, Any]) -> str:
    """Return the key of the row's group: its database setting and its load."""
    return json.dumps([row["database"], row["db_sleep_ms"], row["load"]], sort_keys=True)


def _row(cell: Mapping[str, Any], trials: Sequence[Trial]) -> dict[str, Any]:
    good = [trial.figures for trial in trials if trial.figures is not None]
    duration_s = cell["load"]["duration_s"]
    rps_per_trial = [figures.ok_requests / duration_s for figures in good]
    # every trial of a cell has the same duration, so this is all its successes over all its time
    rps = sum(rps_per_trial) / len(rps_per_trial) if good else None
    counts = {
        key: sum(getattr(figures, key) for figures in good)
        for key in ("requests", "failed_requests", "failed_checks", "iterations")
    }
    codes = dict.fromkeys(code for trial in trials for code in trial.failure)
    side = side_of([counted for trial in trials if (counted := trial.counted())])
    errors = reasons.errors(counts["failed_requests"], counts["failed_checks"])
    checks = {
        reasons.ERRORS: errors,
        reasons.CAPPED: reasons.capped(rps, cell["ceiling_rps"]),
        reasons.WIDE_SPREAD: reasons.wide_spread(rps_per_trial),
        # a request that failed may have sent its queries, and have been counted
        reasons.QUERIES_OFF: not errors and _queries_off(cell, side),
        reasons.VIEWS_OFF: not errors and _views_off(cell, side),
    }
    codes |= dict.fromkeys(reason.code for reason, given in checks.items() if given)
    routes = {route for figures in good for route in figures.routes}
    return {
        **_planned(cell),
        "rank": None,
        "status": "ok" if good else "failed",
        "reasons": list(codes),
        "trials": len(trials),
        "trials_failed": len(trials) - len(good),
        **counts,
        "rps": rps,
        "rps_per_trial": rps_per_trial,
        "ceiling_rps": cell["ceiling_rps"],
        "db": side.figures() if side else None,
        **{key: _statistics([trial.latencies.get(key) for trial in good]) for key in LATENCIES},
        "route_duration_ms": {
            route: _statistics([trial.routes.get(route) for trial in good]) for route in sorted(routes)
        },
    }


def _planned(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row takes from the plan; runs from before there were pools know none."""
    fixed = ("cell", "stack", "mode", "command", "workers", "threads", "database", "db_sleep_ms")
    load = {key: cell["load"][key] for key in ("script", "vus", "duration_s", "warmup_s")}
    return {
        **{key: cell[key] for key in fixed},
        "pool": cell.get("pool"),
        "ledger": cell.get("ledger"),
        "load": load,
    }


def _queries_off(cell: Mapping[str, Any], side: Side | None) -> bool:
    per_request = cell.get("queries_per_request")
    if side is None or per_request is None:
        return False
    processes = cell["workers"] * side.trials
    return reasons.queries_off(side.sums["queries"], per_request * side.requests, processes)


def _views_off(cell: Mapping[str, Any], side: Side | None) -> bool:
    per_request = cell.get("views_per_request")
    if side is None or per_request is None:
        return False
    return reasons.views_off(side.sums["views_added"], per_request * side.requests)


def _statistics(parts: Sequence[Distribution | None]) -> dict[str, float] | None:
    distribution = merge([part for part in parts if part is not None])
    if distribution is None:
        return None
    return {
        "avg": distribution.avg,
        "min": distribution.least,
        "max": distribution.greatest,
        **{key: distribution.quantile(share) for key, share in _PERCENTILES.items()},
    }


def _ordered(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group the rows in the order of the matrix; in each, rank by rate, then errors, then failed rows."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(group_of(row), []).append(row)
    ordered = []
    for group in groups.values():
        group.sort(key=_place)
        ranked = [row for row in group if _place(row)[0] == 0]
        for rank, row in enumerate(ranked, start=1):
            row["rank"] = rank
        ordered += group
    return ordered


def _place(row: Mapping[str, Any]) -> tuple[int, float]:
    if row["status"] == "failed":
        return 2, 0.0
    return int(reasons.ERRORS.code in row["reasons"]), -row["rps"]


def _harness(run: Run) -> dict[str, float | None]:
    """Return the measure stage's wall time, and what of it per trial was neither warm-up nor measurement."""
    end = run.end or {}
    times = [end.get("measure_started_at"), end.get("measure_ended_at")]
    records = [trial.record for trial in run.trials if trial.record]
    if None in times or not records:
        return {"measure_seconds": None, "harness_seconds_per_trial": None}
    started, ended = (datetime.fromisoformat(str(time)) for time in times)
    wall_s = (ended - started).total_seconds()
    loaded_s = sum(record["seconds"][step] or 0 for record in records for step in ("warmup", "measure"))
    return {"measure_seconds": wall_s, "harness_seconds_per_trial": (wall_s - loaded_s) / len(records)}


def _k6_versions(run: Run) -> list[str]:
    used = (trial.record["k6"] for trial in run.trials if trial.record)
    return sorted({k6["version"] for k6 in used if k6 and k6["version"]})


def _database_versions(run: Run) -> list[tuple[str, str]]:
    """Return kind and version of every database that the trials met, each once."""
    records = (trial.record.get("database") for trial in run.trials if trial.record)
    return sorted({(record["kind"], record["version"]) for record in records if record})


def _hosts(run: Run) -> list[dict[str, Any]]:
    """Return the hosts as observed; as planned where hosts.json cannot be read."""
    observed = run.hosts["hosts"] if run.hosts else run.plan["hosts"]
    optional = ("address", "system", "cpu_model", "cpus")
    return [
        {
            "host": name,
            "legs": host["legs"],
            **{key: host.get(key) if run.hosts else None for key in optional},
        }
        for name, host in observed.items()
    ]


def _pairs(run: Run) -> list[dict[str, Any]]:
    pairs = run.hosts["pairs"] if run.hosts else []
    return [
        {
            **{key: pair[key] for key in ("from", "to", "separation")},
            "round_trip_ms": {key: pair["round_trip_ms"][key] for key in ("min", "med")},
        }
        for pair in pairs
    ]
