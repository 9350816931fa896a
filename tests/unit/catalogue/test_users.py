"""Whom services and k6 run as."""

from __future__ import annotations

from tripod.catalogue import users
from tripod.catalogue.databases import DATABASES
from tripod.inputs.variables import VARIABLES

SYSTEMD = {"service_manager": "systemd", "tripod_user": "bench", "legs": ["load", "app", "db"]}
SUPERVISED = SYSTEMD | {"service_manager": "supervisor"}


def test_each_kind_has_a_user_of_its_own() -> None:
    """On a systemd host no two kinds share one, and a host has those of its legs; on localhost none."""
    names = [users.user(SYSTEMD, kind) for kind in users.KINDS]
    assert names == ["bench-app", "bench-fakedb", "bench-postgres", "bench-k6"]
    assert DATABASES.keys() < set(users.KINDS)
    assert users.needed(SYSTEMD, "fakedb") == ["bench-k6", "bench-app", "bench-fakedb"]
    assert users.needed(SYSTEMD | {"legs": ["db"]}, "postgres") == ["bench-postgres"]
    assert users.needed(SUPERVISED, "postgres") == []
    assert users.becoming(users.user(SUPERVISED, users.K6)) == []


def test_the_longest_prefix_makes_names_that_linux_takes() -> None:
    """The longest prefix that is allowed gives names of 32 characters at most."""
    longest = VARIABLES["tripod_user"].read("x" * users.LONGEST_PREFIX, "")
    host = SYSTEMD | {"tripod_user": longest}
    assert max(len(str(users.user(host, kind))) for kind in users.KINDS) == 32
