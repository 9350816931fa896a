"""The settings of psycopg_pool, and what an application does when a connection of it is lost.

The pool does not check a connection before it gives it out: that would cost a round trip per request. After
an outage it may hold connections that are dead. The first request that gets one fails, and has the pool check
the others.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool, PoolTimeout

from common import postgres

UNAVAILABLE = (psycopg.OperationalError, psycopg.InterfaceError)
"""What psycopg and psycopg_pool raise if no connection can be had in time, or the one in use is lost."""

# Attempts to connect come 1, 2, 4, … s apart. They are given up after these seconds, and begun anew by the
# next request; else a pool would take as long to notice the end of an outage as the outage took.
_RECONNECT_TIMEOUT = 5

SIZES: dict[str, Any] = {
    "min_size": postgres.POOL_MIN,
    "max_size": postgres.POOL_MAX,
    "timeout": postgres.POOL_TIMEOUT,
    "reconnect_timeout": _RECONNECT_TIMEOUT,
}
OPTIONS: dict[str, Any] = {
    **SIZES,
    "conninfo": postgres.URL,
    "kwargs": postgres.CONNECTION,
    "open": False,
}


def discard_dead(pool: ConnectionPool, error: BaseException) -> None:
    """After `error`, have the pool replace those of its connections that are dead."""
    if not isinstance(error, PoolTimeout):
        pool.check()


async def discard_dead_async(pool: AsyncConnectionPool, error: BaseException) -> None:
    """After `error`, have the pool replace those of its connections that are dead."""
    if not isinstance(error, PoolTimeout):
        await pool.check()
