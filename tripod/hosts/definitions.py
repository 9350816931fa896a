"""Service definitions: what the role `service` turns into systemd units or supervisor programs.

The command stays as the matrix has it, with the program's directory before it, so that a unit's `ExecStart`
ends in the row's command verbatim. Paths in it are quoted as a shell would have them: both managers read
it so. A definition says more where a service needs it: `user` (whom it runs as, if not the one who deploys),
`type` (systemd's word for when it has started), `stop_signal` (instead of TERM), `writable` (directories that
systemd lets it write to). Every one has the same time to end, `stop_seconds`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any

from tripod.catalogue.managers import STOP_S
from tripod.catalogue.patience import CALL_S
from tripod.catalogue.servers import bind_environment

# Connections of each process's pool, where a row says nothing.
POOL = {"min": 5, "max": 15}
# The fake database gives up answers that are not due by then, and says so, before it would be killed.
_DRAIN_S = STOP_S - 1


def fakedbs(
    services: Sequence[Mapping[str, Any]], root: str, listen: str, user: str | None = None
) -> list[dict[str, Any]]:
    """Return the definitions of the fake database, one per latency; `listen` is ADDRESS:PORT."""
    return [
        {
            "name": service["name"],
            "description": f"Tripod fake database, {service['db_sleep_ms']} ms",
            "command": _below(
                f"{root}/envs/fakedb/bin",
                f"python -m fakedb --sleep {service['db_sleep_ms']} --listen {listen} --drain {_DRAIN_S}",
            ),
            "directory": root,
            "environment": {"TRIPOD_SERVICE": service["name"]},
            "stop_seconds": STOP_S,
            **_runs_as(user),
        }
        for service in services
    ]


def postgres(
    services: Sequence[Mapping[str, Any]], root: str, user: str | None = None
) -> list[dict[str, Any]]:
    """Return the definitions of PostgreSQL, with the files that role postgres makes under `root`.

    INT is its fast shutdown, which ends sessions; on TERM it would wait for them.
    """
    home = f"{root}/postgres"
    return [
        {
            "name": service["name"],
            "description": "Tripod PostgreSQL",
            "command": _below(
                f"{home}/bin",
                f"postgres -D {quote(f'{home}/data')} -c {quote(f'config_file={home}/conf/postgresql.conf')}",
            ),
            "directory": home,
            "environment": {"TRIPOD_SERVICE": service["name"]},
            "stop_seconds": STOP_S,
            "type": "notify",
            "stop_signal": "INT",
            "writable": [f"{home}/data", f"{home}/run"],
            **_runs_as(user),
        }
        for service in services
    ]


def webapps(  # noqa: PLR0913 - the role's arguments
    services: Sequence[Mapping[str, Any]],
    root: str,
    address: str,
    port: int,
    db_url: str,
    *,
    user: str | None = None,
) -> list[dict[str, Any]]:
    """Return the definitions of the apps under test, one per command."""
    return [
        {
            "name": service["name"],
            "description": f"Tripod app under test: {service['command']}",
            "command": _below(f"{root}/envs/apps/bin", service["command"]),
            "directory": f"{root}/apps",
            "environment": {
                "TRIPOD_SERVICE": service["name"],
                "TRIPOD_DB_URL": db_url,
                **_database_environment(service, root, db_url),
                **bind_environment(service["command"], address, port, _call_s(service)),
            },
            "stop_seconds": STOP_S,
            **_runs_as(user),
        }
        for service in services
    ]


def _runs_as(user: str | None) -> dict[str, str]:
    return {"user": user} if user else {}


def _below(directory: str, command: str) -> str:
    """Return a command whose program is the one in a directory."""
    program, space, arguments = command.partition(" ")
    return quote(f"{directory}/{program}") + space + arguments


def _call_s(service: Mapping[str, Any]) -> float:
    """Return what a call to the database may take; plans from before it was derived do not say."""
    return float(service.get("db_call_s", CALL_S))


def _database_environment(service: Mapping[str, Any], root: str, db_url: str) -> dict[str, str]:
    """Return what an app needs for its kind of database; a password is in a file, not in the URL."""
    if not db_url.startswith("postgresql:"):
        return {"TRIPOD_DB_TIMEOUT": f"{_call_s(service):g}"}
    pool = POOL | (service.get("pool") or {})
    return {
        "PGPASSFILE": f"{root}/pgpass",
        "TRIPOD_POOL_MIN": str(pool["min"]),
        "TRIPOD_POOL_MAX": str(pool["max"]),
    }
