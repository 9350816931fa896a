"""Slots of a cell: how many requests it works on at once, by its command and as the database saw it."""

from __future__ import annotations

from tripod.catalogue import servers
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Limit
from tripod.verdicts.work import work_of

SEEN = Limit(
    name="most requests at the database at once",
    value=0.5,
    unit="of the users",
    source="chosen: of many users as many may be elsewhere by chance, but never half of them all the time",
)


def claimed_by(cell: Cell) -> int | None:
    """Return the requests that the cell's command and pools allow at once; None if they set no bound."""
    planned = cell.planned
    each = servers.slots_of(planned["command"], planned["mode"])
    pool = planned.get("pool")
    bounds = [bound for bound in (each, pool["max"] if pool else None) if bound is not None]
    return planned["workers"] * min(bounds) if bounds else None


def seen_in(cell: Cell) -> int | None:
    """Return the most requests that the database had at once, in any good trial; None if it did not tell."""
    seen = [found for trial in cell.good if (found := _seen(trial)) is not None]
    return max(seen, default=None)


def limit_of(cell: Cell) -> int | None:
    """Return the slots that can limit the cell: fewer than its users; None if nothing can.

    An application that blocks its event loop works on fewer than its command allows: then those that were
    seen count, but of the fake database only, since PostgreSQL's are samples.
    """
    users = cell.planned["load"]["vus"]
    claimed, seen = claimed_by(cell), seen_in(cell)
    bounds = [claimed] if claimed is not None and claimed < users else []
    if cell.planned["database"] == "fakedb" and seen and seen <= SEEN.value * users:
        bounds.append(seen)
    return min(bounds, default=None)


def occupancy(cell: Cell, trial: Trial) -> float | None:
    """Return the share of its slots that the cell's requests held; None if unknown, or without such a limit.

    By Little's law: rate x holding time / slots. A slot is held at least while its request waits for the
    database and uses CPU; a pool's connection while it waits.
    """
    slots, work = limit_of(cell), work_of(cell, trial)
    if slots is None or work is None or work.db_s is None or work.app_cpu_s is None:
        return None
    return work.rps * (work.db_s + work.app_cpu_s) / slots


def _seen(trial: Trial) -> int | None:
    record = trial.record or {}
    if record.get("fakedb"):
        return int(record["fakedb"]["in_flight_max"])
    peak = record["database"]["active_peak"] if record.get("database") else None
    return None if peak is None else int(peak)
