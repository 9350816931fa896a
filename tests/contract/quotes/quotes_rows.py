"""The rows in which the quotes' contract is checked: each server command of the matrices on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from contract_cells import matrices

from tripod.catalogue import servers

# The applications that have pools, by their interface.
POOLED = {
    "wsgi": ("django_pooled:wsgi", "flask_sqlalchemy_app:app", "flask_psycopg_pool:app"),
    "asgi": ("django_pooled:asgi", "fastapi_sqlalchemy:app", "fastapi_psycopg_pool:app"),
}
WORKERS = 2
THREADS = 3
POOL_MIN, POOL_MAX = 1, 2
"""Fewer connections than threads, so that a pool can run out of them."""

POOL_TIMEOUT = 5
"""Seconds; less than the default, which nobody wants to wait for."""


@dataclass(frozen=True)
class Row:
    """A server command ready to be typed, and what it must be seen to run."""

    name: str
    command: str
    pooled: bool
    identity: tuple[tuple[str, str], ...]

    @property
    def module(self) -> str:
        """The application module that the command serves."""
        return self.command.split()[-1].partition(":")[0]

    @property
    def service(self) -> str:
        """The name under which the server is started, which the database sees, too."""
        return f"tripod-{self.name}"

    @property
    def slots(self) -> int | None:
        """Requests that are worked on at once; None: as many as come."""
        return WORKERS * THREADS if "hreads" in self.command else None

    @property
    def connections(self) -> int | None:
        """Connections that it may have open at once; None: one for each request."""
        return WORKERS * POOL_MAX if self.pooled else self.slots


def all_rows() -> list[Row]:
    """Return a row for each server command of the matrices on PostgreSQL."""
    rows: dict[str, Row] = {}
    for loaded in matrices("postgres"):
        for stack in loaded.stacks:
            command = stack.command.format(workers=WORKERS, threads=THREADS)
            identity = tuple(sorted(servers.expected_identity(command).items()))
            rows.setdefault(command, Row(stack.name, command, stack.pool is not None, identity))
    return list(rows.values())
