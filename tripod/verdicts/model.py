"""The rate that slots, CPU and load allow, from the CPU that the trials' own requests cost.

Since that CPU comes from the trials themselves the model explains their rate and predicts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from tripod.catalogue.legs import LEGS
from tripod.catalogue.words import count
from tripod.verdicts import slots
from tripod.verdicts.evidence import Cell
from tripod.verdicts.work import mean, per_request


@dataclass(frozen=True)
class Bound:
    """A rate that cannot be exceeded.

    Attributes:
        by: `slots`, `CPU` or `load`.
        rps: the rate, in requests per second.
        arithmetic: how it comes about, in words with figures.

    """

    by: str
    rps: float
    arithmetic: str


def rps(cell: Cell) -> float | None:
    """Return the rate that the least of the bounds allows; None if the CPU of a request is unknown."""
    return min((bound.rps for bound in bounds(cell)), default=None)


def bounds(cell: Cell) -> tuple[Bound, ...]:
    """Return all bounds that are known; none without the app's CPU time per request, which each contains."""
    app_s = per_request(cell, "app_cpu_s")
    if app_s is None or app_s <= 0:
        return ()
    db_s = per_request(cell, "db_s")
    found = (_by_slots(cell, app_s, db_s), _by_cpu(cell, app_s), _by_load(cell, app_s, db_s))
    return tuple(bound for bound in found if bound is not None)


def _by_slots(cell: Cell, app_s: float, db_s: float | None) -> Bound | None:
    """Slots / (time at the database + CPU per request): Little's law."""
    limit = slots.limit_of(cell)
    if limit is None or db_s is None:
        return None
    held = f"{_ms(db_s)} ms at the database + {_ms(app_s)} ms of CPU per request"
    return Bound("slots", limit / (db_s + app_s), f"{count(limit, 'slot')} / ({held})")


def _by_cpu(cell: Cell, app_s: float) -> Bound | None:
    """Return the cores that its processes can use / CPU per request; shared cores serve all legs on them."""
    cpus = mean(cell, lambda trial: host.cpus if (host := trial.activity.get("app")) else None)
    if not cpus:
        return None
    workers = cell.planned["workers"]
    usable = min(cpus, workers)
    own = Bound(
        "CPU",
        usable / app_s,
        f"{count(cpus, 'core')}, of which its workers ({workers}) use at most {usable:g} / "
        f"{_ms(app_s)} ms of CPU",
    )
    sharing = [leg for leg in LEGS if leg != "app" and not cell.apart("app", leg)]
    others = [per_request(cell, f"{leg}_cpu_s") for leg in sharing]
    if not sharing or None in others:
        return own
    all_s = app_s + sum(other or 0.0 for other in others)
    told = f"{count(cpus, 'shared core')} / {_ms(all_s)} ms of CPU of all legs on them"
    return min(own, Bound("CPU", cpus / all_s, told), key=lambda bound: bound.rps)


def _by_load(cell: Cell, app_s: float, db_s: float | None) -> Bound | None:
    """Users / (pause + time at the database + CPU per request): the closed load without any queue.

    Of an open load what it offers.
    """
    if cell.offered_rps is not None:
        return Bound("load", cell.offered_rps, "what the open load offers")
    users, ceiling = cell.users, cell.planned["ceiling_rps"]
    least_s = users / ceiling if ceiling else db_s
    if least_s is None:
        return None
    told = "of pause and database" if ceiling else "at the database"
    held = f"{_ms(least_s)} ms {told} + {_ms(app_s)} ms of CPU per request"
    return Bound("load", users / (least_s + app_s), f"{count(users, 'user')} / ({held})")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"
