"""What limited a cell: the first station, in a fixed order, that its evidence shows to be the bottleneck.

`unknown` is an answer: what the evidence does not show is not named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tripod.catalogue.legs import LEGS
from tripod.catalogue.words import count
from tripod.verdicts import generator, load, slots
from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, Limit
from tripod.verdicts.shares import busiest_process, cores_busy, percent, service_share
from tripod.verdicts.stations import stations
from tripod.verdicts.work import mean, mean_of

CORES = Limit(
    name="all cores of a host",
    value=0.9,
    unit="busy",
    source="chosen: above it what is added waits for a core",
)
PROCESS = Limit(
    name="one process",
    value=0.95,
    unit="of a core",
    source="the GIL lets a process run Python on one core at a time",
)
ONE_THREAD = Limit(
    name="one thread",
    value=1.05,
    unit="of a core",
    source="one core, and the error of sampling; what is above it ran outside the GIL, too",
)
SLOTS = Limit(
    name="rate x holding time",
    value=0.95,
    unit="of the slots",
    source="Little's law; a slot is never idle then",
)
OFFERED = Limit(
    name="rate of an open load",
    value=0.98,
    unit="of what is offered",
    source="chosen: below it more was offered than the scatter of what is in flight explains",
)
MOST = Limit(
    name="one leg's share",
    value=0.5,
    unit="of what was used of full cores",
    source="chosen: whoever used more than all others together, strangers included",
)
CONNECTING = Limit(
    name="waiting for a connection",
    value=0.5,
    unit="of a request's time",
    source="chosen: more than all that follows",
)

APP_SLOTS = "app slots"

_NAMES = {"load": "k6", "app": "the app", "db": "the database"}


@dataclass(frozen=True)
class Limited:
    """What limited a cell.

    Attributes:
        by: as `limited_by` of a row has it.
        evidence: what shows it, in words with figures.

    """

    by: str
    evidence: str


def limited_by(cell: Cell) -> Limited | None:
    """Return what limited the cell; None if nothing was measured."""
    if not cell.measured:
        return None
    found = (find(cell) for find in _IN_ORDER)
    return next(filter(None, found), None) or Limited("unknown", _unknown(cell))


def _errors(cell: Cell) -> Limited | None:
    failed = max(cell.failed_requests, sum(cell.failures.values()), cell.failed_checks)
    return Limited("errors", f"{failed} of {cell.requests} requests failed") if failed else None


def _k6(cell: Cell) -> Limited | None:
    told = [generator.behind(cell, trial) for trial in cell.good]
    if cell.apart("load", "app", "db"):
        told += [generator.short_of_cpu(trial) or "" for trial in cell.good]
    evidence = next(filter(None, told), "")
    return Limited("k6", evidence) if evidence else None


def _load_model(cell: Cell) -> Limited | None:
    if cell.offered_rps is not None:
        rates = {"": cell.rps or 0.0, " in the second half of the window": _late_rps(cell) or 0.0}
        for when, rps in rates.items():
            if (share := rps / cell.offered_rps) >= OFFERED.value:
                offered = f"the {cell.offered_rps:g} requests/s that the open load offers"
                return Limited("load model", f"{percent(share)} of {offered} were answered{when}")
        return None
    return Limited("load model", load.why_capped(cell)) if load.capped(cell) is Answer.GIVEN else None


def _database(cell: Cell) -> Limited | None:
    if cell.planned["database"] == "fakedb":
        process = mean(cell, lambda trial: busiest_process(trial, "db"))
        if process is not None and process >= PROCESS.value:
            return Limited("database", f"the fake database's process used {percent(process)} of a core")
    told = _most_of_full_cores(cell, "db")
    return Limited("database", told) if told else None


def _app_cpu(cell: Cell) -> Limited | None:
    process = mean(cell, lambda trial: busiest_process(trial, "app"))
    if process is not None and process >= PROCESS.value:
        why = ": the GIL's limit" if process <= ONE_THREAD.value else ", by more than one thread"
        told = f"the app's busiest process used {percent(process)} of a core{why}"
        return Limited("app CPU", told)
    cores = _most_of_full_cores(cell, "app")
    return Limited("app CPU", cores) if cores else None


def _app_slots(cell: Cell) -> Limited | None:
    share = mean(cell, lambda trial: slots.occupancy(cell, trial))
    limit = slots.limit_of(cell)
    # where cores are full, requests wait for those, and are there as long
    if limit is None or share is None or share < SLOTS.value or _full(cell, "app"):
        return None
    held = f"requests held {percent(min(share, 1.0))} of {count(limit, 'slot')}"
    return Limited(APP_SLOTS, held)


def _connections(cell: Cell) -> Limited | None:
    if share := _connecting(cell):
        return Limited(
            "connection handling", f"requests waited {percent(share)} of their time for a connection"
        )
    hosts = [host for trial in cell.good if (host := trial.activity.get("app"))]
    overflows = sum((host.listen_overflows or 0) + (host.listen_drops or 0) for host in hosts)
    if overflows:
        return Limited("connection handling", f"{overflows} connections found the app's accept queue full")
    return None


_IN_ORDER: tuple[Callable[[Cell], Limited | None], ...] = (
    _errors,
    _k6,
    _load_model,
    _database,
    _app_cpu,
    _app_slots,
    _connections,
)


def _late_rps(cell: Cell) -> float | None:
    """Return the rate of successes in the window's second half; None if unknown, or with dropped iterations.

    In the first half those are missing that were in flight as it ended, and none before it makes up for them.
    In the second one an open load that is kept gets as many as it offers, however long each takes.
    """
    halves = []
    for figures in cell.figures:
        if not figures.parts or figures.schedule is None or figures.schedule.dropped_iterations:
            return None
        half = len(figures.parts) // 2
        halves.append(sum(figures.parts[-half:]) * len(figures.parts) / half)
    duration_s: float = cell.planned["load"]["duration_s"]
    return sum(halves) / len(halves) / duration_s if halves else None


def _connecting(cell: Cell) -> float | None:
    """Return the share of a request's time that it waited for a connection, if that is the most of it."""
    means = [
        [
            figures.latencies[key].avg if key in figures.latencies else None
            for key in ("blocked_ms", "duration_ms")
        ]
        for figures in cell.figures
    ]
    blocked, duration = (mean_of(list(column)) for column in zip(*means, strict=True))
    if blocked is None or duration is None or blocked <= 0:
        return None
    share = blocked / (blocked + duration)
    return share if share >= CONNECTING.value else None


def _full(cell: Cell, leg: str) -> float | None:
    """Return how busy the cores of a leg's host were, by whomever; None unless they were full."""
    busy = mean(cell, lambda trial: cores_busy(trial, leg))
    return busy if busy is not None and busy >= CORES.value else None


def _most_of_full_cores(cell: Cell, leg: str) -> str | None:
    """Return in words that a leg's service used most of what was used of its host's full cores."""
    busy, own = _full(cell, leg), mean(cell, lambda trial: service_share(trial, leg))
    if busy is None or own is None or own <= MOST.value * busy:
        return None
    return f"the cores of {_NAMES[leg]} were {percent(busy)} busy, {percent(own)} by itself"


def _users_of_full_cores(cell: Cell, busy: float) -> str:
    """Return in words who used the app host's full cores."""
    there = [leg for leg in LEGS if leg == "app" or not cell.apart("app", leg)]
    shares = {leg: mean(cell, partial(service_share, leg=leg)) or 0.0 for leg in there}
    used = [f"{_NAMES[leg]} {percent(share)}" for leg, share in shares.items()]
    others = percent(max(busy - sum(shares.values()), 0.0))
    return f"the app host's cores were {percent(busy)} busy: {', '.join(used)}, others {others}"


def _unknown(cell: Cell) -> str:
    if busy := _full(cell, "app"):
        return f"{_users_of_full_cores(cell, busy)}; the app did not use most of that"
    if not any(trial.activity for trial in cell.good):
        return "no telemetry tells how busy hosts and services were"
    found = stations(cell)
    return "no station was shown to be the limit: " + ", ".join(station.told for station in found)
