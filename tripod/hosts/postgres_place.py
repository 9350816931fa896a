"""Whether PostgreSQL can run on a host, and as whom."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tripod.catalogue import users
from tripod.catalogue.managers import SUPERVISOR
from tripod.inputs import place
from tripod.inputs.place import UNPRIVILEGED

# A socket's path ends at 103 bytes on macOS, at 107 on Linux.
_SOCKET_LENGTH = 103
_LONGEST_SOCKET = "/postgres/run/.s.PGSQL.65535"


def system_user(host: Mapping[str, Any], *, uid: int | None = None) -> str | None:
    """Return the user that PostgreSQL runs as on a host; None is the one who deploys.

    Args:
        host: the host's settings, as in the plan.
        uid: who deploys on localhost; the caller's own if not given.

    """
    if host["service_manager"] != SUPERVISOR:
        return users.user(host, users.POSTGRES)
    return UNPRIVILEGED if (os.geteuid() if uid is None else uid) == 0 else None


def problems(name: str, host: Mapping[str, Any], *, uid: int | None = None) -> list[str]:
    """Return why PostgreSQL cannot run on a host, each with its remedy; needs no access to remote hosts.

    Args:
        name: the DB host's name in the inventory.
        host: its settings, as in the plan.
        uid: who deploys on localhost; the caller's own if not given.

    """
    root = str(host["tripod_root"])
    found = []
    length, allowed = len(os.fsencode(root)), _SOCKET_LENGTH - len(_LONGEST_SOCKET)
    if length > allowed:
        found.append(
            f"{name}: tripod_root is {root!r}, {length} bytes; allowed: at most {allowed}, since "
            "PostgreSQL's socket lies below it and a socket's path is short; type: -e tripod_root=/tmp/tripod"
        )
    if host["service_manager"] == SUPERVISOR and system_user(host, uid=uid) == UNPRIVILEGED:
        found += _unprivileged_problems(name, Path(root))
    return found


def _unprivileged_problems(name: str, root: Path) -> list[str]:
    try:
        closed = place.obstacle(root)
    except KeyError:
        return [
            f"{name}: root deploys, PostgreSQL refuses to run as root, and there is no user {UNPRIVILEGED}"
        ]
    if closed is None:
        return []
    why = f"{name}: root deploys, so PostgreSQL runs as {UNPRIVILEGED}, who cannot enter {closed}"
    remedy = f"leave tripod_root out, or type: chmod o+x {closed}, or run this as another user"
    return [f"{why} on the way to {root}; {remedy}"]
