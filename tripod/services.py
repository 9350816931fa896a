"""Service definitions: what the role `service` turns into systemd units or supervisor programs.

The command stays as the matrix has it; `program` is the directory that is put before it, so that a unit's
`ExecStart` ends in the row's command verbatim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.servers import bind_environment


def fakedbs(services: Sequence[Mapping[str, Any]], root: str, listen: str) -> list[dict[str, Any]]:
    """Return the definitions of the fake database, one per latency; `listen` is ADDRESS:PORT."""
    return [
        {
            "name": service["name"],
            "description": f"Tripod fake database, {service['db_sleep_ms']} ms",
            "program": f"{root}/envs/fakedb/bin/",
            "command": f"python -m fakedb --sleep {service['db_sleep_ms']} --listen {listen}",
            "directory": root,
            "environment": {"TRIPOD_SERVICE": service["name"]},
        }
        for service in services
    ]


def webapps(
    services: Sequence[Mapping[str, Any]], root: str, address: str, port: int, db_url: str
) -> list[dict[str, Any]]:
    """Return the definitions of the apps under test, one per command."""
    return [
        {
            "name": service["name"],
            "description": f"Tripod app under test: {service['command']}",
            "program": f"{root}/envs/apps/bin/",
            "command": service["command"],
            "directory": f"{root}/apps",
            "environment": {
                "TRIPOD_SERVICE": service["name"],
                "TRIPOD_DB_URL": db_url,
                **bind_environment(service["command"], address, port),
            },
        }
        for service in services
    ]
