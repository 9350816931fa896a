"""What the hosts of a trial are told: the arguments of the modules that run there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tripod.catalogue import capacity, k6, lengths, shapes, users
from tripod.catalogue.patience import Patience

SERVICE_OF = {"app": "service", "db": "db_service"}
"""The legs that have a service → key of the cell that names it."""


@dataclass(frozen=True)
class Here:
    """One host of a trial.

    Attributes:
        name: in the inventory.
        legs: that it is.
        root: Tripod's directory there.
        service_manager: what runs its services.
        lease: the name of the run's lease there.
        k6: the binary there; of load hosts only.
        k6_user: whom k6 runs as there; None is the one who deploys.
        boot_id: which boot of the machine it was when hosts.json was written; None if nobody knows.

    """

    name: str
    legs: tuple[str, ...]
    root: str
    service_manager: str
    lease: str
    k6: str | None = None
    k6_user: str | None = None
    boot_id: str | None = None


@dataclass(frozen=True)
class Trial:
    """One trial, with all that a host must know of it; never the whole plan.

    Attributes:
        name: of the trial and of its directories.
        repeat: which measurement of the cell it is, from 1.
        number: its place in the run's order, from 1.
        of: trials of the run.
        cell: the plan's cell that it measures.
        run_id: the run's.
        legs: leg → the names of its hosts.
        endpoints: `app` and `db` → the `address` and the TCP `port` that they listen on.
        sampled: whether its hosts are sampled.
        clocks: host → how far its wall clock is ahead of the first load host's (`offset_s`), and by how much
            that may be wrong (`error_s`); without hosts of which nobody knows.
        away_s: seconds for which a host that cannot be reached is waited for before the next trial.

    """

    name: str
    repeat: int
    number: int
    of: int
    cell: Mapping[str, Any]
    run_id: str
    legs: Mapping[str, tuple[str, ...]]
    endpoints: Mapping[str, Mapping[str, Any]]
    sampled: bool = False
    clocks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    away_s: int = 0

    def clock(self, host: str) -> Mapping[str, float] | None:
        """Return a host's entry of `clocks`; the load host's clock is its own."""
        if host == self.legs["load"][0]:
            return {"offset_s": 0.0, "error_s": 0.0}
        return self.clocks.get(host)

    @property
    def together(self) -> bool:
        """Whether several load hosts share the load."""
        return len(self.legs["load"]) > 1

    @property
    def target(self) -> str:
        """URL that k6 sends its load to."""
        return "http://{address}:{port}".format(**self.endpoints["app"])


@dataclass(frozen=True)
class Start:
    """When one of several load hosts begins to measure.

    Attributes:
        at_s: seconds since the epoch, by its own wall clock.
        lead_s: how long before that the hosts agreed.
        k6_version: what its k6 said of itself.

    """

    at_s: float
    lead_s: float
    k6_version: str | None


def trials(
    plan: Mapping[str, Any], endpoints: Mapping[str, Any], clocks: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the trials of a plan, each with the fields of `Trial`; `endpoints` and `clocks` as there."""
    cells = {cell["cell"]: cell for cell in plan["cells"]}
    common = {
        "of": len(plan["trials"]),
        "run_id": plan["run_id"],
        "legs": plan["legs"],
        "endpoints": endpoints,
        "sampled": plan["parameters"]["telemetry"],
        "clocks": clocks,
        "away_s": away_s(plan),
    }
    return [
        {"name": trial["trial"], "repeat": trial["repeat"], "number": number, "cell": cells[trial["cell"]]}
        | common
        for number, trial in enumerate(plan["trials"], start=1)
    ]


def away_s(plan: Mapping[str, Any]) -> int:
    """Return the seconds for which a run waits for a host that cannot be reached."""
    return lengths.away_s(cell["load"] for cell in plan["cells"])


def services(trial: Trial, here: Here) -> list[dict[str, Any]]:
    """Return the services of the trial on this host, the database first: the app may ask it as it starts."""
    cell = trial.cell
    named: tuple[tuple[str, dict[str, Any]], ...] = (
        ("db", {"name": cell["db_service"], "database": cell["database"], "sleep_ms": cell["db_sleep_ms"]}),
        ("app", {"name": cell["service"]}),
    )
    return [{**service, **trial.endpoints[leg]} for leg, service in named if leg in here.legs]


def load(trial: Trial, here: Here, main_pid: int) -> dict[str, Any]:
    """Return what the module of the only load host is told.

    Args:
        trial: the trial.
        here: the load host.
        main_pid: of the app's service: `/ready` must be answered by it or by a child of it.

    """
    return _of_load(trial, here, main_pid) | {"phases": phases(trial, here), "search": search(trial, here)}


def warmup(trial: Trial, here: Here, main_pid: int) -> dict[str, Any]:
    """Return what one of several load hosts is told first: prove who answers, and warm up; args as `load`."""
    before = [phase for phase in phases(trial, here) if phase["name"] != "measure"]
    return _of_load(trial, here, main_pid) | {"phases": before}


def measurement(trial: Trial, here: Here, main_pid: int, start: Start) -> dict[str, Any]:
    """Return what one of several load hosts is told then: measure, from a time on that all have agreed on."""
    (phase,) = [phase for phase in phases(trial, here, start.at_s) if phase["name"] == "measure"]
    phase["limit_s"] += start.lead_s
    return _of_load(trial, here, main_pid) | {"phases": [phase], "k6_version": start.k6_version}


def end(trial: Trial, here: Here) -> dict[str, Any]:
    """Return what one of several load hosts is told where the trial cannot go on."""
    return {"root": here.root, "lease": here.lease, "trial": trial.name}


def _of_load(trial: Trial, here: Here, main_pid: int) -> dict[str, Any]:
    return {
        "root": here.root,
        "lease": here.lease,
        "directory": _directory(trial, here),
        "binary": here.k6,
        "target": trial.target,
        "main_pid": main_pid,
        "expect": dict(trial.cell["expect"]),
        "user": here.k6_user,
        "becoming": users.becoming(here.k6_user),
    }


def phases(trial: Trial, here: Here, start_at_s: float | None = None) -> list[dict[str, Any]]:
    """Return the k6 processes of a trial, warm-up first: name, command, environment, log, limit.

    Args:
        trial: the trial.
        here: the load host.
        start_at_s: when it begins to measure, by its own clock; None: as soon as it can.

    """
    offered = shapes.complete(trial.cell["load"])
    if offered["shape"] == shapes.CAPACITY:  # warms up and saturates; what follows is a search
        closed = {**offered, "shape": shapes.CLOSED, "slo_ms": None}
        lengths = {"warmup": offered["warmup_s"], "saturate": capacity.SATURATED_S}
        return [
            _phase(trial, here, name, closed, seconds) for name, seconds in lengths.items() if seconds > 0
        ]
    lengths = {"warmup": offered["warmup_s"], "measure": offered["duration_s"]}
    starts = {"warmup": None, "measure": start_at_s}
    return [
        _phase(trial, here, name, offered, seconds, starts[name])
        for name, seconds in lengths.items()
        if seconds > 0
    ]


def search(trial: Trial, here: Here) -> dict[str, Any] | None:
    """Return what the load host must know to look for the cell's capacity; None of other loads.

    Rate, users and length of `probe` are those of the first moment; the host puts in its own.
    """
    offered = shapes.complete(trial.cell["load"])
    if offered["shape"] != shapes.CAPACITY:
        return None
    per_iteration, slo_ms = trial.cell["requests_per_iteration"], offered["slo_ms"]
    opened = {**offered, "shape": shapes.OPEN, "rate": 1, "vus": 1}
    return {
        "terms": capacity.terms(per_iteration, slo_ms),
        "probe": _phase(trial, here, "probe", opened, offered["duration_s"]),
        "duration_s": offered["duration_s"],
        "beyond_s": Patience(**trial.cell.get("patience", {})).limit_s(0),
        "metrics": {
            "ok": k6.OK_IN_WINDOW,
            "ok_total": k6.OK_TOTAL,
            "within": k6.WITHIN_SLO,
            "dropped": k6.DROPPED,
            "iterations": k6.ITERATIONS,
        },
        **capacity.probing(per_iteration, slo_ms),
    }


def _directory(trial: Trial, here: Here) -> str:
    return f"{here.root}/runs/{trial.run_id}/{trial.name}"


def _phase(  # noqa: PLR0913, PLR0917 - each is another part of what is offered
    trial: Trial,
    here: Here,
    name: str,
    offered: Mapping[str, Any],
    seconds: float,
    start_at_s: float | None = None,
) -> dict[str, Any]:
    """Return one k6 process that offers this host's part of the load for so many seconds."""
    hosts = trial.legs["load"]
    summary = k6.file_stem("k6" if name == "measure" else name, here.name, hosts)
    segment = k6.Segment(hosts.index(here.name), len(hosts))
    patience = Patience(**trial.cell.get("patience", {}))
    environment = k6.environment(
        target=trial.target,
        workload=offered["script"],
        vus=offered["vus"],
        duration_s=seconds,
        summary=f"{_directory(trial, here)}/{summary}.json",
        patience=patience,
        start_at_s=start_at_s,
        **{key: offered[key] for key in ("shape", "rate", "slo_ms", "pause_s", "route", "keepalive")},
    )
    return {
        "name": name,
        "command": k6.command(str(here.k6), f"{here.root}/k6/main.js", segment),
        "environment": environment,
        "log": f"{k6.file_stem(name, here.name, hosts)}.log",
        "limit_s": patience.limit_s(seconds),
    }
