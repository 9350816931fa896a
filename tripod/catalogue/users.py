"""The OS users that services and k6 run as: one for each kind on systemd hosts, one's own on localhost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.catalogue.managers import SUPERVISOR

APP, FAKEDB, POSTGRES, K6 = KINDS = ("app", "fakedb", "postgres", "k6")

# Of util-linux, which every Debian and Ubuntu has.
_SETPRIV = "/usr/bin/setpriv"
# Of a user's name, on Linux.
_LONGEST = 32
LONGEST_PREFIX = _LONGEST - max(len(f"-{kind}") for kind in KINDS)


def user(host: Mapping[str, Any], kind: str) -> str | None:
    """Return whom a kind of service runs as on a host; None is the one who deploys.

    Args:
        host: the host's variables, as in the plan.
        kind: one of `KINDS`.

    """
    return None if host["service_manager"] == SUPERVISOR else f"{host['tripod_user']}-{kind}"


def needed(host: Mapping[str, Any], database: str) -> list[str]:
    """Return the users that a host needs for its legs; `database` is the plan's kind of it."""
    kinds = {"load": K6, "app": APP, "db": database}
    found = [user(host, kind) for leg, kind in kinds.items() if leg in host["legs"]]
    return [name for name in found if name]


def becoming(user: str | None) -> list[str]:
    """Return what is put before a command so that it runs as a user, with no way back; nothing for None.

    The process stays the same; it has the user's group and no other, and neither it nor what it starts can
    gain a privilege, by a set-user-ID program either.
    """
    if user is None:
        return []
    whom = [f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    # The first keeps root's privileges until it has started the second, which finds the command without them.
    return [_SETPRIV, *whom, "--no-new-privs", "--", _SETPRIV, "--no-new-privs", "--"]
