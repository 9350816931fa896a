"""Makes the table of a run, the content of summary.json: what stands above the rows, and the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tripod.catalogue import databases
from tripod.catalogue.formats import VERSIONS
from tripod.report import caveats, contrasts, findings, rows
from tripod.report.order import severity_of
from tripod.runs.results import Run


def make(run: Run) -> dict[str, Any]:
    """Return the table of a run, as `tripod.runs.formats.table` declares it."""
    plan, end = run.plan, run.end or {}
    failures = [
        {"trial": trial.name, "cell": trial.cell, "reasons": list(trial.failure), "message": trial.message}
        for trial in run.trials
        if trial.figures is None
    ]
    groups = rows.groups(run)
    return {
        "format": VERSIONS["summary"],
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
        "separations": _separations(run),
        "hosts": _hosts(run),
        "pairs": _pairs(run),
        "continuations": len(run.stints) - 1,
        "measured_again": [
            {key: trial[key] for key in ("trial", "instead_of", "why")}
            for trial in plan["trials"]
            if "instead_of" in trial
        ],
        "cells": len(plan["cells"]),
        "trials": len(run.trials),
        "trials_failed": len(failures),
        **_harness(run),
        "telemetry": _telemetry(run),
        "rows": [row for group in groups for row in group.rows],
        "findings": findings.make(groups),
        "contrasts": contrasts.answer(plan.get("contrasts") or [], groups),
        "failures": failures,
        "caveats": [
            *(caveats.of_hosts(run.hosts["hosts"]) if run.hosts else []),
            *caveats.of_clocks(run),
        ],
        "problems": list(run.problems),
    }


def exit_code(table: Mapping[str, Any]) -> int:
    """Return 0 if the run completed, all files are whole and no rule says otherwise; else 2."""
    whole = table["trials_failed"] == 0 and table["outcome"] == "completed" and not table["problems"]
    found = [severity for row in table["rows"] if (severity := severity_of(row))]
    return max([0 if whole else 2, *(severity.exit_code for severity in found)])


def _harness(run: Run) -> dict[str, float | None]:
    """Return the measure stage's wall time, and what of it per trial was no load: neither asked nor drain."""
    end = run.end or {}
    times = [end.get("measure_started_at"), end.get("measure_ended_at")]
    records = [trial.record for trial in run.trials if trial.record]
    # How long a trial took that was cut off is in no record.
    if None in times or len(records) < len(run.trials) or len(run.stints) > 1:
        return {"measure_seconds": None, "harness_seconds_per_trial": None}
    started, ended = (datetime.fromisoformat(str(time)) for time in times)
    wall_s = (ended - started).total_seconds()
    loads = {cell["cell"]: cell["load"] for cell in run.plan["cells"]}
    loaded_s = sum(_loaded(record, loads[record["cell"]]) for record in records)
    return {"measure_seconds": wall_s, "harness_seconds_per_trial": (wall_s - loaded_s) / len(records)}


def _loaded(record: Mapping[str, Any], load: Mapping[str, float]) -> float:
    """Return how long a trial was under load: as asked, as far as it came, and the drains; no k6's start.

    A search for a capacity counts whole.
    """
    seconds = record["seconds"]
    total = float((record.get("capacity") or {}).get("seconds", 0.0))
    for phase, drain, asked in (("warmup", "warmup_drain", "warmup_s"), ("measure", "drain", "duration_s")):
        drained_s = seconds.get(drain) or 0.0
        total += min((seconds[phase] or 0.0) - drained_s, load[asked]) + drained_s
    return total


def _telemetry(run: Run) -> list[dict[str, Any]]:
    """Return what sampling cost on each host, and of how many trials there is nothing."""
    records = [trial.record for trial in run.trials if trial.record and trial.record.get("telemetry")]
    hosts = dict.fromkeys(host for record in records for host in record["telemetry"])
    found = []
    for host in hosts:
        sampled = [record["telemetry"].get(host) or {} for record in records]
        shares = [one["sampler_cpu_share"] for one in sampled if one.get("sampler_cpu_share") is not None]
        lost = sum(one.get("activity") is None for one in sampled)
        mean = sum(shares) / len(shares) if shares else None
        found.append({"host": host, "cpu_share": mean, "trials_lost": lost})
    return found


def _k6_versions(run: Run) -> list[str]:
    used = (k6 for trial in run.trials if trial.record for k6 in trial.record["k6"])
    return sorted({k6["version"] for k6 in used if k6["version"]})


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


def _separations(run: Run) -> list[dict[str, Any]]:
    return [
        {key: found[key] for key in ("legs", "separation")}
        for found in (run.hosts["separations"] if run.hosts else [])
    ]


def _pairs(run: Run) -> list[dict[str, Any]]:
    pairs, compared = (run.hosts["pairs"], run.hosts["separations"]) if run.hosts else ([], [])
    known = {tuple(found["hosts"]): found["separation"] for found in compared}
    return [
        {
            **{key: pair[key] for key in ("from", "from_host", "to")},
            # what was not compared is not claimed to stand apart
            "separation": known.get((pair["from_host"], pair["to_host"]), "one-host"),
            "round_trip_ms": {key: pair["round_trip_ms"][key] for key in ("min", "med")},
        }
        for pair in pairs
    ]
