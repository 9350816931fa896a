"""The kinds of database that a matrix can name, and what each one needs: declared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Database:
    """A kind of database.

    Attributes:
        kind: the word in the matrix, and the role that deploys it.
        title: its name as people know it.
        port: default of the inventory variable `db_port`.
        url: what the apps are told, with `{address}` and `{port}`; a password is never part of it.
        command: what runs, as a person would type it, with `{db_sleep_ms}`; addresses and files left out.
        matrix_keys: keys that a matrix on it must have, and on another kind must not; a parameter (`-e`) of
            that name belongs to this kind, too.
        stack_keys: the same of a matrix's stacks.
        counts_connections: whether its connections are limited, so that the plan keeps a ledger of them.

    """

    kind: str
    title: str
    port: int
    url: str
    command: str
    matrix_keys: tuple[str, ...] = ()
    stack_keys: tuple[str, ...] = ()
    counts_connections: bool = False


DATABASES: dict[str, Database] = {
    database.kind: database
    for database in (
        Database(
            "fakedb",
            "fakedb",
            9000,
            "http://{address}:{port}",
            "python -m fakedb --sleep {db_sleep_ms}",
            matrix_keys=("db_sleep",),
        ),
        Database(
            "postgres",
            "PostgreSQL",
            5432,
            "postgresql://tripod@{address}:{port}/tripod",
            "postgres",
            stack_keys=("pool",),
            counts_connections=True,
        ),
    )
}

# Whose port is assumed while a matrix that cannot be read leaves the kind open.
DEFAULT = DATABASES["fakedb"]


def url(kind: str, address: str, port: int) -> str:
    """Return TRIPOD_DB_URL for a database of this kind at `address`:`port`."""
    return DATABASES[kind].url.format(address=address, port=port)


def command(kind: str, db_sleep_ms: int | None) -> str:
    """Return what runs for a database setting, for the record."""
    return DATABASES[kind].command.format(db_sleep_ms=db_sleep_ms)


def title(kind: str) -> str:
    """Return the name of a kind; a kind that only a later version knows goes by its word."""
    return DATABASES[kind].title if kind in DATABASES else kind


def suffix(db_sleep_ms: int | None) -> str:
    """Return what a database setting adds to the name of a cell or a service."""
    return "" if db_sleep_ms is None else f"-db{db_sleep_ms}"


def service(kind: str, db_sleep_ms: int | None) -> dict[str, Any]:
    """Return the service that deploy defines for a database setting."""
    return {
        "name": f"tripod-{kind}{suffix(db_sleep_ms)}",
        "leg": "db",
        "role": kind,
        "db_sleep_ms": db_sleep_ms,
    }


def foreign(database: Database, keys: Mapping[str, object], attribute: str) -> dict[str, str]:
    """Return, of `keys`, those that belong to another kind only, with that kind.

    `attribute` says where the keys stand: `matrix_keys` or `stack_keys`.
    """
    own = getattr(database, attribute)
    return {
        key: other.kind
        for other in DATABASES.values()
        for key in getattr(other, attribute)
        if key in keys and key not in own
    }
