"""What a row is called in a sentence: the app, its server, and its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue import apps, servers
from tripod.catalogue.words import count

Row = Mapping[str, Any]


def stack(row: Row) -> str:
    """Return app and server, such as `FastAPI def on uvicorn`; a foreign app's stack has a name alone."""
    app = apps.title_of(row["command"], row["mode"])
    if app is None:
        return str(row["stack"])
    threads = f" with {count(row['threads'], 'thread')}" if row["threads"] else ""
    return f"{app} on {servers.title_of(row['command'])}{threads}"


def size(row: Row) -> str:
    """Return the number of workers, such as `2 workers`."""
    return count(row["workers"], "worker")


def sized(row: Row) -> str:
    """Return both."""
    twin = ", the twin" if row["twin_of"] else ""
    return f"{stack(row)} ({size(row)}{twin})"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def where(row: Row, *, load: bool) -> list[str]:
    """Return the latency of the database, and the load where it must be said, for a bracket."""
    latency = [f"{row['db_sleep_ms']:g} ms"] if row["db_sleep_ms"] is not None else []
    return [*latency, *([f"load {row['load']['name']}"] if load else [])]
