"""Builds the directory of a run as the plan, provision and measure leave it, around what real k6 measured."""

from __future__ import annotations

import copy
import dataclasses
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tripod.stats.activity import Activity

ROOT = Path(__file__).resolve().parents[2]
K6 = Path(sys.executable).with_name("k6")

COMMANDS = {
    "sync-gunicorn": ("sync", "gunicorn -w {} sync_app:app"),
    "sync-gthread": ("sync", "gunicorn -k gthread -w {} sync_app:app"),
    "async-uvicorn": ("async", "uvicorn --workers {} --log-level error async_app:app"),
    "async-worker": ("async", "gunicorn -k uvicorn_worker.UvicornWorker -w {} async_app:app"),
}


# An open load, as a cell of the plan has it.
OPEN = {
    "name": "rate",
    "script": "poc",
    "shape": "constant-arrival-rate",
    "model": "open",
    "vus": 20,
    "rate": 60,
    "slo_ms": 100,
    "pause_s": 0.0,
    "route": None,
    "keepalive": True,
    "duration_s": 60.0,
    "warmup_s": 5.0,
}


def cell(stack: str, workers: int = 1, db_sleep_ms: int = 25, **changes: Any) -> dict[str, Any]:
    """Return a cell of the plan: 10 VUs for 60 s."""
    mode, command = COMMANDS[stack]
    return {
        "cell": f"{stack}-w{workers}-db{db_sleep_ms}",
        "stack": stack,
        "mode": mode,
        "command": command.format(workers),
        "workers": workers,
        "threads": None,
        "database": "fakedb",
        "db_sleep_ms": db_sleep_ms,
        "load": {"script": "poc", "vus": 10, "duration_s": 60.0, "warmup_s": 5.0},
        "ceiling_rps": 30 / (0.1 + db_sleep_ms / 1000),
        "service": f"tripod-{stack}-w{workers}",
        "db_service": f"tripod-fakedb-db{db_sleep_ms}",
    } | changes


QUOTES = {
    "django-gthread": ("sync", "gunicorn -k gthread -w {} --threads {} django_unpooled:wsgi", False),
    "django-pooled-granian": (
        "sync",
        "granian --interface wsgi --workers {} --blocking-threads {} django_pooled:wsgi",
        True,
    ),
    "django-async-uvicorn": ("async", "uvicorn --workers {} --log-level error django_unpooled:asgi", False),
    "fastapi-sqlalchemy-uvicorn": (
        "async",
        "uvicorn --workers {} --log-level error fastapi_sqlalchemy:app",
        True,
    ),
}


def quote_cell(stack: str, workers: int = 1, threads: int | None = None, **changes: Any) -> dict[str, Any]:
    """Return a cell of a plan on PostgreSQL: 64 VUs for 30 s, a pool of 5 to 15 where the stack has one."""
    mode, command, pooled = QUOTES[stack]
    name = f"{stack}-w{workers}" + (f"-t{threads}" if threads else "")
    total = 15 * workers if pooled else None
    slots = workers * threads if threads else total or 64
    return {
        "cell": name,
        "stack": stack,
        "mode": mode,
        "command": command.format(workers, threads),
        "workers": workers,
        "threads": threads,
        "pool": {"min": 5, "max": 15} if pooled else None,
        "ledger": {
            "slots": slots,
            "pool_max_total": total,
            "connections_max": total or slots,
            "max_connections": 200,
        },
        "database": "postgres",
        "db_sleep_ms": None,
        "queries_per_request": 1,
        "load": {"script": "quote", "vus": 64, "duration_s": 30.0, "warmup_s": 5.0},
        "ceiling_rps": None,
        "service": f"tripod-{name}",
        "db_service": "tripod-postgres",
    } | changes


def counted(
    requests: int, *, mean_ms: float = 20.0, statements: bool = True, **changes: Any
) -> dict[str, Any]:
    """Return the database's side of a trial of so many requests, one query each."""
    quote = {
        "query": "SELECT q.id, q.quote_text, a.name FROM quote q JOIN author a …",
        "calls": requests,
        "rows": requests,
        "mean_ms": mean_ms,
        "total_ms": mean_ms * requests,
    }
    begin = {"query": "BEGIN", "calls": requests, "rows": 0, "mean_ms": 0.001, "total_ms": 0.001 * requests}
    of_statements = {
        "rows_to_client": requests,
        "queries": requests,
        "round_trips": 2 * requests,
        "total_ms": (mean_ms + 0.001) * requests,
        "statements": [quote, begin],
    }
    return {
        "kind": "postgres",
        "version": "15.14" if statements else "18.4",
        "transactions": requests,
        "rows_returned": 100_100 * requests,
        "connections_opened": 15,
        "active_peak": 12,
        "active_samples": 140,
        "deadlocks": 0,
        "views_added": 0,
        **(of_statements if statements else dict.fromkeys(of_statements)),
    } | changes


@dataclass
class RunFiles:
    """A run's directory that is being filled."""

    path: Path
    k6: dict[str, Any]

    def write(self, name: str, document: object) -> Path:
        """Write a document as JSON."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    def change(self, name: str, **changes: Any) -> None:
        """Change keys of a document that was written before."""
        self.write(name, json.loads((self.path / name).read_text(encoding="utf-8")) | changes)

    def plan(self, cells: list[dict[str, Any]], repeats: int = 1, **changes: Any) -> None:
        """Write plan.json, hosts.json and the end.json of a completed run."""
        trials = [
            {"trial": f"{known['cell']}-r{repeat}", "cell": known["cell"], "repeat": repeat}
            for repeat in range(1, repeats + 1)
            for known in cells
        ]
        plan = {
            "format": 2,
            "run_id": self.path.name,
            "created_at": "2026-11-23T03:45:00Z",
            "matrix": {"name": "poc", "path": "matrix/poc.yml", "content": {"name": "poc"}},
            "parameters": {"repeats": repeats},
            "seed": 7,
            "git": {"commit": "6cc2243f0d3b4b9a8c1f", "dirty": True},
            "tools": {"ansible_core": "2.19.14", "python": "3.11.7"},
            "inventory": ["inventory/lab.yml"],
            "hosts": {f"tripod-{leg}": {"legs": [leg]} for leg in ("load", "app", "db")},
            "legs": {leg: [f"tripod-{leg}"] for leg in ("load", "app", "db")},
            "services": [],
            "cells": cells,
            "trials": trials,
            "expected_seconds": 70.0 * len(trials),
        }
        self.write("plan.json", plan | changes)
        self.write("hosts.json", hosts())
        self.write("end.json", end(self.path.name))

    def to_format_1(self) -> None:
        """Rewrite plan.json, hosts.json and the records as they were in format 1."""
        seen = json.loads((self.path / "hosts.json").read_text(encoding="utf-8"))
        del seen["separations"]
        pairs = [pair | {"separation": seen["separation"]} for pair in seen["pairs"]]
        self.write("hosts.json", seen | {"format": 1, "pairs": pairs})
        plan = json.loads((self.path / "plan.json").read_text(encoding="utf-8"))
        self.change("plan.json", format=1, legs={leg: hosts[0] for leg, hosts in plan["legs"].items()})
        for path in self.path.glob("trials/*/record.json"):
            told = json.loads(path.read_text(encoding="utf-8"))["k6"]
            single = {key: value for key, value in told[0].items() if key != "host"} if told else None
            self.change(str(path.relative_to(self.path)), format=1, k6=single)

    def trial(  # noqa: PLR0913 - all by name
        self,
        name: str,
        *,
        rps: float = 100.0,
        failed: int = 0,
        bad_checks: int = 0,
        failures: dict[str, int] | None = None,
        parts: tuple[int, ...] | None = None,
        samples: int | None = None,
        **changes: Any,
    ) -> None:
        """Write a trial that was measured to its end, with these figures in place of those that k6 saw.

        The rate is over the 60 s of `cell`, the same in all its `parts`; each distribution is of `samples`,
        or of all requests; `changes` are of the record.
        """
        self.write(f"trials/{name}/record.json", record(name) | changes)
        k6 = copy.deepcopy(self.k6)
        metrics = k6["metrics"]
        requests = round(rps * 60)
        for counter in ("tripod_ok_requests", "tripod_ok_requests_total"):
            metrics[counter]["values"]["count"] = requests
        for part, count in enumerate(parts or (requests / 10,) * 10):
            metrics[f"tripod_ok_requests{{part:{part}}}"]["values"]["count"] = count
        for metric in metrics.values():
            if metric["type"] == "trend" and metric["values"]["count"]:
                metric["values"]["count"] = requests if samples is None else samples
        metrics["iterations"]["values"]["count"] = requests // 3
        metrics["http_reqs"]["values"]["count"] = requests + failed
        for kind, count in (failures or {}).items():
            metrics[f"tripod_failed_requests{{kind:{kind}}}"]["values"]["count"] = count
        metrics["http_req_failed"]["values"] |= {"passes": failed, "fails": requests}
        metrics["checks"]["values"]["fails"] = bad_checks
        self.write(f"trials/{name}/k6.json", k6)

    def failed_trial(self, name: str, *reasons: str, message: str = "it went away") -> None:
        """Write a trial that was not measured to its end."""
        seconds = {"start": 0.4, "ready": None, "warmup": None, "measure": None, "stop": 0.1}
        failed = {
            "status": "failed",
            "reasons": list(reasons),
            "message": message,
            "seconds": seconds,
            "k6": [],
        }
        self.write(f"trials/{name}/record.json", record(name) | failed)


def record(trial: str) -> dict[str, Any]:
    """Return the record of a trial that went well."""
    cell_name, _, repeat = trial.rpartition("-r")
    service = {
        "host": "tripod-app",
        "name": "tripod-app",
        "command": "gunicorn -w 1 sync_app:app",
        "main_pid": 411,
        "ready": {"pid": 412},
        "log_tail": [],
    }
    return {
        "format": 2,
        "trial": trial,
        "cell": cell_name,
        "repeat": int(repeat),
        "status": "ok",
        "reasons": [],
        "message": None,
        "started_at": "2026-11-23T03:45:10Z",
        "ended_at": "2026-11-23T03:46:18.5Z",
        "seconds": {"start": 0.5, "ready": 0.4, "warmup": 5.0, "measure": 60.0, "stop": 0.2, "slept": 0.0},
        "target": "http://198.18.0.12:8000",
        "services": {"app": service, "db": service},
        "k6": [k6()],
        "database": None,
        "calibration": {
            f"tripod-{leg}": {"before_s": 0.0006, "after_s": 0.00061} for leg in ("load", "app", "db")
        },
    }


def searched(rate: int | None, vus: int = 41) -> dict[str, Any]:
    """Return what a record says of a search that found this rate."""
    probe = {
        "rate": rate or 90,
        "vus": vus,
        "seconds": 60.0,
        "scheduled": 6000,
        "within": 5990,
        "dropped_iterations": 0,
        "ok_requests": 6000,
        "missed_share": 0.0017,
        "confirms": rate is not None,
    }
    return {
        "saturated_rps": 150.0,
        "saturated_ok_requests": 470,
        "rate": rate,
        "probes": [probe],
        "seconds": 71.0,
    }


def fakedb(answered: int, **changes: Any) -> dict[str, Any]:
    """Return what a record says of a fake database at 25 ms that kept its time over 65 s."""
    error = {"early": 0, "min": 0.02, "mean": 0.1, "max": 0.8, "quantiles": {"p50": 0.08, "p99": 0.5}}
    return {
        "sleep_ms": 25.0,
        "timer": "timerfd",
        "requests": answered,
        "answered": answered,
        "abandoned": 0,
        "in_flight_max": 10,
        "in_flight_mean": answered * 0.0251 / 65.0,
        "held_s": answered * 0.0251,
        "window": None,
        "connections_total": 12,
        "cpu_s": 1.0,
        "errors": {},
        "error_ms": error,
        "histogram": {"0.1": answered} if answered else {},
    } | changes


def k6(**changes: Any) -> dict[str, Any]:
    """Return what a record says of the k6 on the only load host: 500 requests in the warm-up."""
    return {
        "host": "tripod-load",
        "version": "k6 v1.1.0 (go1.24.4)",
        "exit_code": 0,
        "command": ["k6", "run"],
        "log_tail": [],
        "warmup_requests": 500,
    } | changes


def telemetry(
    *, app_cpu_s: float = 30.0, sampler: float | None = 0.002, **changes: Any
) -> dict[str, dict[str, Any]]:
    """Return what a record says of three hosts over 60 s; `changes` are of each host's part."""
    cpu_s = {"load": 6.0, "app": app_cpu_s, "db": 3.0}
    nothing = dict.fromkeys(field.name for field in dataclasses.fields(Activity))
    return {
        f"tripod-{leg}": {
            "began_anew": False,
            "clock_offset_s": 0.0,
            "clock_error_s": 0.0001,
            "sampler_cpu_share": sampler,
            "lost": None,
            "series": None,
            "activity": nothing
            | {
                "host": f"tripod-{leg}",
                "seconds": 60.0,
                "edge_error_s": 0.5,
                "cpus": 2,
                "core_busy": [0.25, 0.5],
                "connections_opened": 12,
                "services": {
                    leg: {
                        "cpu_s": cpu_s[leg],
                        "processes": 2,
                        "threads": 3,
                        "memory_peak_bytes": 50 * 2**20,
                        "process_cpu_s": {"411": 0.5, "412": cpu_s[leg] - 0.5},
                        "restarts": 0,
                        "throttled_s": None,
                        "pids_before": [411, 412],
                        "pids_after": [411, 412],
                    }
                },
            },
        }
        | changes
        for leg in ("load", "app", "db")
    }


def hosts() -> dict[str, Any]:
    """Return the hosts.json of the lab."""
    common = {
        "system": "Debian GNU/Linux 12",
        "kernel": "6.18.5",
        "architecture": "x86_64",
        "cpu_model": "AMD EPYC",
        "cpus": 2,
        "memory_bytes": 8 * 2**30,
        "virtualisation": "systemd-nspawn",
        "python": "3.11.2",
        "packages": {"flask": "3.1.3"},
        "limits": {"net.core.somaxconn": 4096},
        "readiness": [
            {"what": "swap", "state": "ready", "found": "none", "remedy": None},
            {"what": "clock", "state": "not ready", "found": "nothing keeps it right", "remedy": "chrony"},
            {"what": "governor", "state": "not known", "found": "no cpufreq in /sys", "remedy": None},
        ],
    }
    legs = {"load": 11, "app": 12, "db": 13}
    pairs = [("load", "app", 8000, 0.07), ("app", "db", 8001, 0.0512)]
    return {
        "format": 2,
        "hosts": {
            f"tripod-{leg}": {"legs": [leg], "address": f"198.18.0.{last}", **common}
            for leg, last in legs.items()
        },
        "pairs": [
            {
                "from": source,
                "to": to,
                "from_host": f"tripod-{source}",
                "to_host": f"tripod-{to}",
                "address": f"198.18.0.{legs[to]}",
                "port": port,
                "round_trip_ms": {"min": 0.05, "med": med},
            }
            for source, to, port, med in pairs
        ],
        "separations": [
            {
                "legs": [one, other],
                "hosts": [f"tripod-{one}", f"tripod-{other}"],
                "separation": "shared-kernel",
            }
            for one, other in (("load", "app"), ("app", "db"), ("load", "db"))
        ],
        "separation": "shared-kernel",
    }


def end(run_id: str) -> dict[str, Any]:
    """Return the end.json of a run whose measure stage took 140 s."""
    return {
        "format": 1,
        "run_id": run_id,
        "outcome": "completed",
        "message": None,
        "ended_at": "2026-11-23T03:47:31Z",
        "measure_started_at": "2026-11-23T03:45:10Z",
        "measure_ended_at": "2026-11-23T03:47:30Z",
    }
