"""The applications' settings: two environment variables, and the only place for timeouts and pool sizes."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

CONNECT_TIMEOUT = 2.0
"""Seconds that connecting to the database may take."""

TOTAL_TIMEOUT = 5.0
"""Seconds that one call to the database may take in all, connecting included."""

POOL_SIZE = 1000
"""Idle connections that the blocking client keeps: as many as a gevent worker serves at once by default
(`worker_connections`), so that no load makes it throw connections away and measure `connect()`."""


class SettingsError(RuntimeError):
    """The environment does not say what the application needs."""


def _database_url() -> str:
    url = os.environ.get("TRIPOD_DB_URL", "")
    if not url:
        raise SettingsError(
            "TRIPOD_DB_URL is not set: give the database's address, e.g. http://127.0.0.1:9000"
        )
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "http" and parts.hostname and parts.port and not (parts.path + parts.query)
    except ValueError:  # the port is no number, or out of range
        sound = False
    if not sound:
        raise SettingsError(f"TRIPOD_DB_URL is {url!r}: expected http://ADDRESS:PORT and nothing after it")
    return url


VALUE_URL = _database_url() + "/value"
SERVICE = os.environ.get("TRIPOD_SERVICE") or None
