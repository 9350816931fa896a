"""Slots of a cell: how many requests it works on at once, by its command and as the database saw it."""

from __future__ import annotations

import math

from tripod.catalogue import servers
from tripod.catalogue.k6 import MOST_VUS
from tripod.catalogue.servers import keeps_connections
from tripod.verdicts import generator
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
    pool = planned.get("pool")
    each = servers.slots_of(planned["command"], planned["mode"], pool["max"] if pool else None)
    return None if each is None else planned["workers"] * each


def seen_in(cell: Cell) -> int | None:
    """Return the most requests that the database had at once, in any good trial; None if it did not tell."""
    return cell.most_in_database


def limit_of(cell: Cell) -> int | None:
    """Return the slots that can limit the cell: fewer than its users; None if nothing can.

    An application that blocks its event loop works on fewer than its command allows: then those that were
    seen count, but of the fake database only, since PostgreSQL's are samples.
    """
    users = cell.users
    claimed, seen = claimed_by(cell), seen_in(cell)
    bounds = [claimed] if claimed is not None and claimed < users else []
    if cell.planned["database"] == "fakedb" and seen and seen <= SEEN.value * users:
        bounds.append(seen)
    return min(bounds, default=None)


def one_queue(cell: Cell) -> bool:
    """Whether no slot is idle while a request waits: of a single worker, or where none keeps connections.

    With several workers that keep connections a request waits for its own, while others may be idle.
    """
    return bool(cell.planned["workers"] == 1) or not keeps_connections(cell.planned["command"])


def occupancy(cell: Cell, trial: Trial) -> float | None:
    """Return the share of its slots that the cell's requests held; None if unknown, or without such a limit.

    By Little's law, rate x holding time / slots. A slot is held at least while its request waits for the
    database and uses CPU. Where there is one queue, all requests that are there hold slots, as far as those
    reach, which also counts what else holds one, such as closing a connection. How many are there is by k6's
    clock, which a k6 that lacked CPU does not keep.
    """
    limit, work = limit_of(cell), work_of(cell, trial)
    if limit is None or work is None:
        return None
    held = (
        None if None in (work.db_s, work.app_cpu_s) else work.rps * ((work.db_s or 0) + (work.app_cpu_s or 0))
    )
    least = None if held is None else held / limit
    in_time = generator.short_of_cpu(trial) == ""
    queued = most_occupied(cell, trial) if in_time and one_queue(cell) else None
    known = [min(share, 1.0) for share in (least, queued) if share is not None]
    return max(known, default=None)


def most_occupied(cell: Cell, trial: Trial) -> float | None:
    """Return the share of its slots that the cell's requests can have held at most; None likewise.

    As many are in use as requests are there, but no more than there are: E[min(requests, slots)] / slots. The
    requests that are there are taken for binomial over the users, with the mean that Little's law gives.
    """
    limit, there = limit_of(cell), _there(cell, trial)
    if limit is None or there is None or limit > MOST_VUS:  # no plan of ours has so many users
        return None
    users = cell.users
    share = min(there / users, 1.0)
    short = sum((limit - k) * _binomial(users, k, share) for k in range(limit))
    return 1 - short / limit


def _there(cell: Cell, trial: Trial) -> float | None:
    """Return how many requests were at the server on average: rate x (waiting to connect + duration)."""
    figures = trial.figures
    if figures is None or "duration_ms" not in figures.latencies:
        return None
    times_ms = [
        figures.latencies[key].avg for key in ("duration_ms", "blocked_ms") if key in figures.latencies
    ]
    return float(figures.ok_requests / cell.planned["load"]["duration_s"] * sum(times_ms) / 1000)


def _binomial(users: int, k: int, share: float) -> float:
    """Return the probability of k of the users, by logarithms: their number may be large."""
    if share in {0.0, 1.0}:
        return float(k == users * share)
    log = math.lgamma(users + 1) - math.lgamma(k + 1) - math.lgamma(users - k + 1)
    return math.exp(log + k * math.log(share) + (users - k) * math.log1p(-share))
