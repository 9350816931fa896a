"""The concurrency ledger of a cell: how much it works on at once, and how many connections it may open.

Pure arithmetic over the plan. It tells why a row is slow before it is measured, and refuses a cell that could
not get its connections.
"""

from __future__ import annotations

from dataclasses import dataclass

from tripod.catalogue.servers import has_greenlets, slots_of

# What PostgreSQL keeps for superusers (superuser_reserved_connections, its default), and what Tripod itself
# may need while a trial runs: the sampler, and one to administer.
SUPERUSERS = 3
TRIPODS_OWN = 2
RESERVED = SUPERUSERS + TRIPODS_OWN


@dataclass(frozen=True)
class Concurrency:
    """What the ledger of a cell is made from.

    Attributes:
        mode: `sync` or `async`.
        command: the server's, complete.
        workers: processes.
        pool_max: connections that a worker's pool may hold; None without a pool.
        vus: requests that are in flight at once.

    """

    mode: str
    command: str
    workers: int
    pool_max: int | None
    vus: int


@dataclass(frozen=True)
class Ledger:
    """The ledger.

    Attributes:
        slots: requests that the cell works on at once: threads or connections of the pools over all workers,
            whichever are fewer; without either, and by greenlets, at most everything that is in flight.
        pool_max_total: connections of the pools of all workers; None without pools.
        connections_max: connections that the cell may open: those of its pools, or one for each slot. Without
            pools a moment may have a few more, since the server ends a session after the app has closed it.
        max_connections: the server's limit.
        arithmetic: how connections_max comes about, in words.

    """

    slots: int
    pool_max_total: int | None
    connections_max: int
    max_connections: int
    arithmetic: str

    def figures(self) -> dict[str, int | None]:
        """Return the numbers, as they stand in plan.json."""
        keys = ("slots", "pool_max_total", "connections_max", "max_connections")
        return {key: getattr(self, key) for key in keys}

    def problem(self, cell: str) -> str | None:
        """Return why the cell cannot get its connections, with the arithmetic; None if it can."""
        left = self.max_connections - RESERVED
        if self.connections_max <= left:
            return None
        return (
            f"cell {cell} can open {self.connections_max} connections ({self.arithmetic}), but "
            f"db_max_connections is {self.max_connections}, which leaves it {left} ({SUPERUSERS} are kept "
            f"for superusers, {TRIPODS_OWN} for Tripod); allowed: at most {left} connections, or "
            f"-e db_max_connections={self.connections_max + RESERVED}"
        )


def ledger(cell: Concurrency, max_connections: int) -> Ledger:
    """Return the ledger of a cell on a server that takes `max_connections`."""
    bounded = slots(cell)
    at_once = cell.vus if bounded is None else bounded
    if has_greenlets(cell.command):
        at_once = min(at_once, cell.vus)
    if cell.pool_max is None:
        counted = _counted(cell, at_once)
        return Ledger(at_once, None, at_once, max_connections, f"{counted}, no pool: a connection each")
    total = cell.workers * cell.pool_max
    arithmetic = f"{_times(cell.workers, 'worker')} x a pool of up to {cell.pool_max}"
    return Ledger(at_once, total, total, max_connections, arithmetic)


def slots(cell: Concurrency) -> int | None:
    """Return how many requests a cell works on at once; None: on as many as come."""
    each = slots_of(cell.command, cell.mode, cell.pool_max)
    return None if each is None else cell.workers * each


def _counted(cell: Concurrency, at_once: int) -> str:
    """Return in words how many requests a cell without a pool works on at once."""
    if slots(cell) is None or has_greenlets(cell.command):
        return f"{_times(at_once, 'virtual user')} in flight"
    return f"{_times(cell.workers, 'worker')} x {_times(at_once // cell.workers, 'thread')}"


def _times(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
