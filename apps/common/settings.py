"""How the fake database is asked: its address, and the only place for timeouts and pool sizes."""

from __future__ import annotations

from urllib.parse import urlsplit

from common import environment
from common.environment import SettingsError

CONNECT_TIMEOUT = 2.0
"""Seconds that connecting to the database may take."""

TOTAL_TIMEOUT = environment.seconds("TRIPOD_DB_TIMEOUT", 5.0)
"""Seconds that one call to the database may take in all, connecting included; for Tripod latency + 5."""

ANSWER_BYTES = 64 * 1024
"""Bytes of the database's answer, unpacked; of a longer one no more is read."""

POOL_SIZE = 1000
"""Idle connections that the blocking client keeps: as many as a gevent worker serves at once by default
(`worker_connections`), so that no load makes it throw connections away and measure `connect()`."""


def _database_url() -> str:
    url = environment.database_url("http://127.0.0.1:9000")
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "http" and parts.hostname and parts.port and not (parts.path + parts.query)
    except ValueError:  # the port is no number, or out of range
        sound = False
    if not sound:
        raise SettingsError(f"TRIPOD_DB_URL is {url!r}: expected http://ADDRESS:PORT and nothing after it")
    return url


VALUE_URL = _database_url() + "/value"
