"""The hosts that an inventory gives the legs of a run."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tripod.catalogue import databases
from tripod.catalogue.legs import LEGS
from tripod.catalogue.managers import SUPERVISOR
from tripod.inputs import place, variables
from tripod.inputs.errors import InputError

_FORK_SAFETY = "OBJC_DISABLE_INITIALIZE_FORK_SAFETY"


def variables_given(hostvars: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """Return host name → what the inventory says of it, of all that Ansible knows of hosts."""
    return {
        host: {name: known[name] for name in variables.VARIABLES if name in known}
        for host, known in hostvars.items()
    }


def resolve(
    groups: Mapping[str, list[str]],
    host_vars: Mapping[str, Mapping[str, object]],
    root: Path,
    db_port: int = databases.DEFAULT.port,
) -> dict[str, dict[str, Any]]:
    """Return each host of a run with its legs and its variables; `db_port` is that port's default.

    Raises:
        InputError: if a group is missing or does not have exactly one host, or a variable is wrong.

    """
    problems = [*_group_problems(groups), *_platform_problems()]
    problems += filter(None, [place.checkout_problem(root)])
    if problems:
        raise InputError(problems)
    hosts: dict[str, dict[str, Any]] = {}
    for leg in LEGS:
        name = str(groups[leg][0])
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
                f"{', '.join(LEGS)} (start from inventory/sample.yml)"
            )
        elif len(hosts) > 1:
            problems.append(f"the group {leg!r} has {len(hosts)} hosts ({', '.join(hosts)}); allowed: one")
    return problems


def _platform_problems() -> list[str]:
    """On macOS, Ansible's forks crash unless this is set before it starts; ansible.cfg cannot set it."""
    if platform.system() == "Darwin" and os.environ.get(_FORK_SAFETY) != "YES":
        return [f"{_FORK_SAFETY} is not set, as macOS needs it; type: export {_FORK_SAFETY}=YES"]
    return []
