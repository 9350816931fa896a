"""How PostgreSQL is asked: what every driver, ORM and pool is given; timeouts and pool sizes stand here only.

The password is not in the address: libpq reads it from the file that PGPASSFILE names.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

from common import environment
from common.environment import SettingsError

CONNECT_TIMEOUT = 2
"""Seconds that connecting to the database may take; libpq knows whole seconds only."""

POOL_TIMEOUT = environment.whole_number("TRIPOD_POOL_TIMEOUT", 15)
"""Seconds that a request may wait for a connection of the pool.

64 requests that wait for 15 connections to a database on one core waited 2 s in the median, and up to 10 s
with SQLAlchemy, whose pool does not serve in turn. The load gives up after 20 s.
"""

CONNECTION: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT,
    # A database host that vanishes without a word (power, cable) is noticed after about 8 s, not hours.
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
    # Told while connecting. Django would else ask for it in a query of its own on each new connection.
    "options": "-c TimeZone=UTC",
    "application_name": environment.SERVICE or "tripod",
}
"""libpq's connection parameters, alike for every application."""


def _database_url() -> SplitResult:
    example = "postgresql://tripod@127.0.0.1:5432/tripod"
    url = environment.database_url(example)
    try:
        parts = urlsplit(url)
        password, port = parts.password, parts.port
    except ValueError:  # the port is no number, or out of range
        password, port = None, None
        parts = SplitResult("", "", "", "", "")
    if password is not None:  # which must not get into a log
        raise SettingsError(
            "TRIPOD_DB_URL has a password in it: put that into the file that PGPASSFILE names"
        )
    sound = parts.scheme == "postgresql" and parts.username and parts.hostname and port
    if not sound or not parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError(f"TRIPOD_DB_URL is {url!r}: expected {example}, with nothing left out or added")
    return parts


def _pool_sizes() -> tuple[int, int]:
    smallest = environment.whole_number("TRIPOD_POOL_MIN", 5)
    largest = environment.whole_number("TRIPOD_POOL_MAX", 15)
    if smallest > largest:
        raise SettingsError(f"TRIPOD_POOL_MIN is {smallest}: expected at most TRIPOD_POOL_MAX, {largest}")
    return smallest, largest


_PARTS = _database_url()
URL = _PARTS.geturl()
USER, HOST, PORT, NAME = _PARTS.username, _PARTS.hostname, _PARTS.port, _PARTS.path.strip("/")

POOL_MIN, POOL_MAX = _pool_sizes()
"""Connections of each process's pool: TRIPOD_POOL_MIN are kept, TRIPOD_POOL_MAX may be open at once."""
