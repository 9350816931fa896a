"""What the command line of each playbook may say: the names of `-e`, and Ansible's own options.

Ansible lets `-e` set whatever a playbook or a role calls its own, and lets tasks be left out. A run's plan
would know of neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tripod.inputs import parameters, values, yaml_files
from tripod.inputs.errors import InputError, found, shortened
from tripod.inputs.names import CONNECTION, is_secret, nearest
from tripod.inputs.options import Option, by_name
from tripod.inputs.parameters import PARAMETERS
from tripod.inputs.variables import PER_HOST, VARIABLES

DEPLOYING = by_name(
    Option("postgres_reload", values.flag, "load PostgreSQL's quotes again, though they are there", "false"),
)
"""What `-e` may say to the playbooks that deploy, and no plan records."""


@dataclass(frozen=True)
class Playbook:
    """A playbook that can be started by itself.

    Attributes:
        takes: the kinds of names that `-e` may set, keys of `kinds`.
        plans: whether it makes a plan: the values of parameters are checked, and every host takes part.

    """

    takes: tuple[str, ...]
    plans: bool = False


_ALL_HOSTS = ("parameters", "inventory variables", "Ansible's own")
_DEPLOY = (*_ALL_HOSTS, "of deploy")

PLAYBOOKS: dict[str, Playbook] = {
    "bench.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/plan.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/preview.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/provision.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/deploy.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/database.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/record.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/measure.yml": Playbook(_DEPLOY, plans=True),
    "playbooks/fetch.yml": Playbook(("of a run that exists", "Ansible's own")),
    "playbooks/table.yml": Playbook(("of a run that exists",)),
    "playbooks/run.yml": Playbook(("of a run that exists",)),
    # These work after any run, so they take whatever it was started with, and leave its parameters unread.
    "playbooks/inventory.yml": Playbook(_DEPLOY),
    "playbooks/stop.yml": Playbook(_DEPLOY),
    "playbooks/reset.yml": Playbook(_DEPLOY),
    "playbooks/lab.yml": Playbook(("of the lab",)),
}

_REFUSED_OPTIONS = {"tags": "--tags", "skip_tags": "--skip-tags", "start_at_task": "--start-at-task"}
_REFUSED_SWITCHES = {"step": "--step", "check": "--check"}
_EVERY_TAG = ["all"]  # as Ansible says it where nobody chose
_WORDS_WITHOUT_VALUE = ("_raw_params", "")  # Ansible's names for them
_MOST_UNKNOWN = 10


def kinds(root: Path) -> dict[str, list[str]]:
    """Return the kinds of names that `-e` may set, each with its names."""
    return {
        "parameters": list(PARAMETERS),
        "of a run that exists": ["run_id"],
        "inventory variables": [name for name in VARIABLES if name not in PER_HOST],
        "of deploy": list(DEPLOYING),
        "Ansible's own": list(CONNECTION),
        "of the lab": _lab_options(root),
    }


def _lab_options(root: Path) -> list[str]:
    """Return the options of role `lab` that its playbook leaves to the user."""
    specs = (root / "roles/lab/meta/argument_specs.yml").read_text(encoding="utf-8")
    options = yaml.safe_load(specs)["argument_specs"]["main"]["options"]
    return [name for name, option in options.items() if not option.get("required")]


def check(started: Path, given: Mapping[str, object], options: Mapping[str, object], root: Path) -> None:
    """Refuse what the playbook that was started does not take; one from elsewhere may take anything.

    Args:
        started: the playbook's file.
        given: what the user passed with `-e`.
        options: the other options of the command line, as Ansible names them.
        root: the checkout.

    Raises:
        InputError: with every problem at once.

    """
    name = _name(started, root)
    if name is None:
        return
    playbook = PLAYBOOKS.get(name)
    if playbook is None:
        raise InputError(f"{name} is a part of other playbooks; allowed: {', '.join(PLAYBOOKS)}")
    problems = _option_problems(playbook, options) + _file_problems(options)
    problems += _name_problems(name, playbook, given, root)
    if playbook.plans:
        for read in (parameters.parse, _parse_deploying):
            try:
                read(given)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)


def needs_inventory(started: Path, root: Path) -> bool:
    """Return whether a playbook of this checkout takes what an inventory says."""
    playbook = PLAYBOOKS.get(_name(started, root) or "")
    return playbook is not None and "inventory variables" in playbook.takes


def _name(started: Path, root: Path) -> str | None:
    """Return a playbook's name; None of one from elsewhere, and of `ansible -m`, which has no file."""
    ours = started.parent in (root, root / "playbooks") and started.is_file()
    return str(started.relative_to(root)) if ours else None


def _parse_deploying(given: Mapping[str, object]) -> None:
    for name, option in DEPLOYING.items():
        if name in given:
            option.read(given[name])


def _option_problems(playbook: Playbook, options: Mapping[str, object]) -> list[str]:
    problems = [
        f"{option} is {found(options[key])}; allowed: leave it out, since tasks need each other, "
        f"and start what is wanted: {', '.join(PLAYBOOKS)}"
        for key, option in _REFUSED_OPTIONS.items()
        if options.get(key) and list(_words(options[key])) != _EVERY_TAG
    ]
    problems += [
        f"{option} is set; allowed: leave it out; playbooks/preview.yml touches nothing"
        for key, option in _REFUSED_SWITCHES.items()
        if options.get(key)
    ]
    limit = options.get("subset")
    if playbook.plans and limit:
        problems.append(f"--limit is {found(limit)}; allowed: leave it out, since a run needs every host")
    return problems


def _file_problems(options: Mapping[str, object]) -> list[str]:
    """Return what is wrong in files of -e, of which Ansible has read all and told only part."""
    files = [
        Path(str(given)[1:]) for given in _words(options.get("extra_vars")) if str(given).startswith("@")
    ]
    return [problem for file in files if file.is_file() for problem in yaml_files.problems(file)]


def _words(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _name_problems(name: str, playbook: Playbook, given: Mapping[str, object], root: Path) -> list[str]:
    """Return a problem for each name that is not taken, and one more that lists those that are."""
    names = kinds(root)
    taken = {kind: names[kind] for kind in playbook.takes}
    known = [one for of_kind in taken.values() for one in of_kind]
    unknown = [one for one in given if one not in known]
    if not unknown:
        return []
    problems = [_unknown(one, given[one], name, known) for one in unknown[:_MOST_UNKNOWN]]
    if len(unknown) > _MOST_UNKNOWN:
        problems.append(f"and {len(unknown) - _MOST_UNKNOWN} more such names")
    listed = "; ".join(f"{kind}: {', '.join(of_kind)}" for kind, of_kind in taken.items())
    return [*problems, f"allowed with -e in {name}: {listed}"]


def _unknown(one: str, value: object, playbook: str, known: list[str]) -> str:
    if one in _WORDS_WITHOUT_VALUE:
        return f"-e {found(value)} has no name or no value; allowed: NAME=VALUE, without spaces around the ="
    if one in PER_HOST:
        return f"-e {one} is {found(value)}; allowed: in the inventory only, since it belongs to one host"
    hint = nearest(one, known)
    shown = "(not shown)" if is_secret(one) or is_secret(hint) else found(value)
    return f"-e {shortened(one)} is {shown}: {playbook} takes no such name; {hint}".rstrip("; ")
