"""The hosts that an inventory gives the legs of a run."""

from __future__ import annotations

import os
import platform
import re
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tripod.catalogue import databases
from tripod.catalogue.legs import LEGS, SEVERAL
from tripod.catalogue.managers import OPEN_FILES, SUPERVISOR
from tripod.inputs import place, variables
from tripod.inputs.errors import InputError, found

_HOST = re.compile(r"[\w.:-]+")
_HOST_BYTES = 100  # it is part of a file's name
_FORK_SAFETY = "OBJC_DISABLE_INITIALIZE_FORK_SAFETY"


def resolve(
    groups: Mapping[str, list[str]],
    host_vars: Mapping[str, Mapping[str, object]],
    root: Path,
    db_port: int = databases.DEFAULT.port,
) -> dict[str, dict[str, Any]]:
    """Return each host of a run with its legs and its variables; `db_port` is that port's default.

    Raises:
        InputError: if a group is missing, or app or db has more than one host, or a variable is wrong.

    """
    problems = [*_group_problems(groups), *_platform_problems()]
    problems += filter(None, [place.checkout_problem(root)])
    if problems:
        raise InputError(problems)
    hosts: dict[str, dict[str, Any]] = {}
    for leg in LEGS:
        for name in map(str, groups[leg]):
            hosts.setdefault(name, {"legs": []})["legs"].append(leg)
    for name, host in hosts.items():
        try:
            host.update(variables.resolve(name, host_vars.get(name, {}), root, db_port))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    problems = [
        f"{name}: service_manager is 'supervisor' on one of several hosts; "
        "allowed: systemd, unless one host is all legs"
        for name, host in hosts.items()
        if host["service_manager"] == SUPERVISOR and len(hosts) > 1
    ]
    problems += _one_machine(groups[SEVERAL], hosts)
    if any(host["service_manager"] == SUPERVISOR for host in hosts.values()):
        problems += _open_files_problems()
    if problems:
        raise InputError(problems)
    return hosts


def _group_problems(groups: Mapping[str, list[str]]) -> list[str]:
    problems = []
    for leg in LEGS:
        hosts = groups.get(leg, [])
        if not hosts:
            problems.append(
                f"the inventory has no host in the group {leg!r}; allowed: one host in each of the groups "
                f"{', '.join(LEGS)}, in {SEVERAL} also more (start from inventory/sample.yml)"
            )
        elif len(hosts) > 1 and leg != SEVERAL:
            problems.append(f"the group {leg!r} has {len(hosts)} hosts ({', '.join(hosts)}); allowed: one")
    problems += _doubled(groups)
    problems += [
        f"the inventory has a host {found(host)}; allowed: a name of letters, digits and . _ - :, at most "
        f"{_HOST_BYTES} bytes, that is no leg's"
        for host in dict.fromkeys(host for leg in LEGS for host in groups.get(leg, []))
        if not _HOST.fullmatch(host) or len(host.encode()) > _HOST_BYTES or host in LEGS
    ]
    return problems


def _doubled(groups: Mapping[str, list[str]]) -> list[str]:
    """Return a problem for each of several load hosts that is another leg, too: its cores would be both's."""
    loads = groups.get(SEVERAL, [])
    if len(loads) == 1:
        return []
    return [
        f"the host {host} is in the group {leg}, and one of {len(loads)} in the group {SEVERAL}; "
        f"allowed: several hosts in the group {SEVERAL} that are in no other"
        for leg in LEGS
        for host in loads
        if leg != SEVERAL and host in groups.get(leg, [])
    ]


def _one_machine(loads: list[str], hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a problem for each address of several load hosts: one machine under two names shares nothing."""
    named: dict[str, list[str]] = {}
    for name in loads:
        named.setdefault(hosts[name]["bench_address"] or name, []).append(name)
    return [
        f"bench_address is {found(address)} of {len(names)} hosts of the group {SEVERAL}, "
        f"{', '.join(names)}; allowed: one of its own for each"
        for address, names in named.items()
        if len(names) > 1
    ]


def _open_files_problems() -> list[str]:
    """Supervisor runs here, under the limits of whoever starts it; the soft one it raises itself."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY or most >= OPEN_FILES:
        return []
    told = (
        f"open files are limited to {most} here; allowed: {OPEN_FILES} or more, which supervisord needs; "
        f"type, as root, in the shell that starts this: ulimit -Hn {OPEN_FILES} (for good: hard nofile in "
        "/etc/security/limits.conf)"
    )
    return [told]


def _platform_problems() -> list[str]:
    """On macOS, Ansible's forks crash unless this is set before it starts; ansible.cfg cannot set it."""
    if platform.system() == "Darwin" and os.environ.get(_FORK_SAFETY) != "YES":
        return [f"{_FORK_SAFETY} is not set, as macOS needs it; type: export {_FORK_SAFETY}=YES"]
    return []
