"""Whether a host can be one of Tripod's: judged by what roles/host/files/look.sh printed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tripod.catalogue.managers import SUPERVISOR

# Minor versions for which the locks have hashes (pyproject.toml's requires-python).
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)
# os-release's ID → the oldest version.
_SYSTEMS = {"debian": (12,), "ubuntu": (24, 4)}
_ALLOWED_SYSTEMS = "Debian 12 or newer, Ubuntu 24.04 or newer, and macOS for localhost"
_ALLOWED_PYTHON = "Python 3.11 to 3.14, which the locks know"


@dataclass(frozen=True)
class Python:
    """One Python of the host: path, version (empty: it does not run), whether it can make environments."""

    path: str
    version: tuple[int, ...]
    makes_environments: bool


@dataclass(frozen=True)
class Sight:
    """What was seen on a host; the Pythons in the order in which Ansible takes them.

    Attributes:
        values: single facts.
        pythons: that are there.
        missing: Pythons that were looked for and are not there.
        users: of those that are needed, name → home of those that are there.
        groups: that have the name of a user who is needed and not there.
        residents: who is at home in Tripod's directory, name → what is noted of him.

    """

    values: Mapping[str, str]
    pythons: Sequence[Python]
    missing: Sequence[str]
    users: Mapping[str, str]
    groups: Sequence[str]
    residents: Mapping[str, str]


def read(text: str) -> Sight:
    """Return what the script printed, as values."""
    values: dict[str, str] = {}
    people: dict[str, dict[str, str]] = {"user": {}, "group": {}, "resident": {}}
    pythons, missing = [], []
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        if key == "python":
            version, can, path = value.split(" ", 2)
            pythons.append(Python(path, _version(version), can == "venv"))
        elif key == "missing":
            missing.append(value)
        elif key in people:
            name, _, told = value.partition(" ")
            people[key][name] = told
        else:
            values[key] = value
    return Sight(values, pythons, missing, people["user"], list(people["group"]), people["resident"])


def values(text: str) -> dict[str, str]:
    """Return what the script printed, but for Pythons and users."""
    return dict(read(text).values)


def missing_users(text: str, users: Sequence[str]) -> list[str]:
    """Return the users that are needed and not there; `text` is what the script printed."""
    return [user for user in users if user not in read(text).users]


def made_users(text: str, note: str, only: str) -> list[str]:
    """Return the users of a host that Tripod made.

    Args:
        text: what the script printed.
        note: what provision notes of a user that it makes.
        only: the one user that a Tripod made which had no more than one, and noted nothing.

    """
    residents = read(text).residents
    return [user for user, told in residents.items() if told == note or (user, told) == (only, "")]


def unfit(
    result: Mapping[str, Any], interpreter: str, root: str, users: Sequence[str], service_manager: str
) -> list[str]:
    """Return what is wrong with a host, one sentence each with its remedy.

    Args:
        result: the registered result of the task that ran the script.
        interpreter: the inventory's ansible_python_interpreter; `auto…` where Ansible chooses.
        root: Tripod's directory on the host.
        users: the users that services and k6 shall run as.
        service_manager: supervisor is for localhost, and runs the services without users of their own.

    """
    sight = read(str(result.get("stdout", "")))
    asked = None if not interpreter or interpreter.startswith("auto") else interpreter
    supervised = service_manager == SUPERVISOR
    if "system" not in sight.values:
        said = str(result.get("stderr") or result.get("msg") or "nothing").strip()
        problem = (
            f"a first command failed, saying: {said}. Remedy: where ansible_become is set, sudo must let "
            "ansible_user in without a password, or take --ask-become-pass"
        )
        return [problem]
    problems = [
        _system_problem(sight.values, supervised=supervised),
        _python_problem(sight, asked),
        _root_problem(sight.values, root),
        *(_user_problem(sight, user, root) for user in users),
    ]
    return [problem for problem in problems if problem]


def chosen_python(text: str) -> dict[str, Any]:
    """Return the Python that Ansible takes on a host that was judged to be sound.

    `packages` are Debian's, which it needs to make environments and to trust the package index.
    """
    sight = read(text)
    python = sight.pythons[0]
    major, minor = python.version[:2]
    complete = python.makes_environments and "certificates" in sight.values
    needed = [] if complete else [f"python{major}.{minor}-venv", "ca-certificates"]
    return {"path": python.path, "packages": needed}


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _system_problem(values: Mapping[str, str], *, supervised: bool) -> str | None:
    system, version = values["system"], values.get("version", "")
    if system in _SYSTEMS and _version(version) >= _SYSTEMS[system]:
        return None
    if system == "debian" and not version:  # testing and unstable have no number yet
        return None
    if system == "Darwin" and supervised:
        return None
    name = values.get("name") or f"{system} {version}"
    remedy = "upgrade it, or name another machine in the inventory"
    return f"runs {name}; allowed: {_ALLOWED_SYSTEMS}. Remedy: {remedy}"


def _python_problem(sight: Sight, asked: str | None) -> str | None:
    fits = [python for python in sight.pythons if OLDEST_PYTHON <= python.version[:2] <= NEWEST_PYTHON]
    name_it = f"in the inventory, ansible_python_interpreter: {fits[0].path}" if fits else None
    if asked in sight.missing:
        return (
            f"has no {asked}, which the inventory names as ansible_python_interpreter; "
            f"allowed: {_ALLOWED_PYTHON}. Remedy: {name_it or 'install it, or name another'}"
        )
    if not sight.pythons:
        return f"has no python3; allowed: {_ALLOWED_PYTHON}. Remedy, on the host: apt-get install python3"
    first = sight.pythons[0]
    if first in fits:
        return None
    version = ".".join(str(part) for part in first.version) or "that does not run"
    remedy = name_it or "install one of these, and in the inventory, ansible_python_interpreter: PATH"
    return f"has a Python {version} at {first.path}; allowed: {_ALLOWED_PYTHON}. Remedy: {remedy}"


def _root_problem(values: Mapping[str, str], root: str) -> str | None:
    if values.get("root") != "foreign":
        return None
    return (
        f"has files in {root} that are not Tripod's; allowed: a directory of its own, which a reset removes. "
        "Remedy: another tripod_root in the inventory, such as /opt/tripod"
    )


def _user_problem(sight: Sight, user: str, root: str) -> str | None:
    home = sight.users.get(user, root)
    if user in sight.groups:
        known = f"a group {user} already, and no such user"
    elif home != root:
        known = f"a user {user} already, with the home {home}"
    else:
        return None
    return (
        f"has {known}; allowed: a user of Tripod's own, which a reset removes. "
        "Remedy: another tripod_user in the inventory, which is how the users' names begin"
    )
