"""What an inventory says of hosts, where Ansible takes it without a word or fails in the middle of a run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tripod.catalogue.legs import LEGS
from tripod.inputs import names, variables, yaml_files
from tripod.inputs.errors import InputError, found

_YAML = (".yml", ".yaml", ".json")


def variables_given(
    groups: Mapping[str, list[str]],
    hostvars: Mapping[str, Mapping[str, object]],
    raw: Callable[[str], Mapping[str, object]],
    unresolved: tuple[type[Exception], ...],
    files: list[Path],
) -> dict[str, dict[str, object]]:
    """Return host → what the inventory says of it, for the hosts of all legs.

    Args:
        groups: group name → host names.
        hostvars: host → all that Ansible knows of it, which resolves a value when it is read.
        raw: returns the same, unresolved.
        unresolved: what reading raises for a value that cannot be resolved.
        files: what the inventory was read from.

    Raises:
        InputError: naming each such host, variable and value.

    """
    given: dict[str, dict[str, object]] = {}
    problems = []
    for host in _hosts_of_legs(groups):
        given[host] = {}
        written, resolved = raw(host), hostvars[host]
        for name in (*variables.VARIABLES, *names.OF_HOSTS):
            if name in written:
                try:
                    given[host][name] = resolved[name]
                    str(given[host][name])  # what is undefined shows when it is used
                except unresolved as error:
                    why = str(error).splitlines()[0].rsplit("': ", maxsplit=1)[-1]
                    problems.append(
                        f"{host}: {name} is {_shown(name, written[name])}{_place(name, files)}, and {why}; "
                        "allowed: a value, or a template of what the inventory says"
                    )
    if problems:
        raise InputError(problems)
    return given


def check(
    groups: Mapping[str, list[str]],
    group_vars: Mapping[str, Mapping[str, object]],
    host_vars: Mapping[str, Mapping[str, object]],
    files: list[Path],
) -> None:
    """Refuse what Ansible takes without a word, or with a warning.

    Args:
        groups: group name → host names.
        group_vars: leg → what the inventory says of that group itself.
        host_vars: host → all that the inventory says of it, unresolved.
        files: what the inventory was read from.

    Raises:
        InputError: naming variables that nobody reads, values that hide others, and keys that come twice.

    """
    problems = [problem for path in files for problem in yaml_files.problems(path)]
    problems += _unknown(groups, host_vars, files) + _hidden(groups, group_vars)
    if problems:
        raise InputError(problems)


def files_of(sources: Iterable[str]) -> list[Path]:
    """Return the YAML files of inventory sources: their own, and those of variables beside or in them."""
    files: dict[Path, None] = {}
    for source in (Path(source) for source in sources if "," not in source):  # with one: a list of hosts
        folder = source if source.is_dir() else source.parent
        own = sorted(folder.iterdir()) if source.is_dir() else [source]
        beside = [path for name in ("group_vars", "host_vars") for path in sorted((folder / name).rglob("*"))]
        files |= dict.fromkeys(path for path in (*own, *beside) if path.suffix in _YAML and path.is_file())
    return list(files)


def _hosts_of_legs(groups: Mapping[str, list[str]]) -> list[str]:
    return list(dict.fromkeys(host for leg in LEGS for host in groups.get(leg, [])))


def _shown(name: str, value: object) -> str:
    return "(not shown)" if names.is_secret(name) else found(value)


def _place(name: str, files: Iterable[Path]) -> str:
    """Return where the files say something by this name; nothing if none does: a script may say it."""
    places = [f"{path} {line}" for path in files if (line := yaml_files.line_of(name, path))]
    return f" in {' and '.join(places)}" if places else ""


def _unknown(
    groups: Mapping[str, list[str]], host_vars: Mapping[str, Mapping[str, object]], files: list[Path]
) -> list[str]:
    """Return a problem for each variable that nobody reads, with the hosts that have it."""
    known = {*variables.VARIABLES, *names.OF_HOSTS}
    unknown: dict[tuple[str, str], list[str]] = {}  # name and value → hosts
    for host in _hosts_of_legs(groups):
        for name, value in host_vars.get(host, {}).items():
            if name not in known and not names.is_free(name):
                unknown.setdefault((name, _shown(name, value)), []).append(host)
    allowed = (
        f"allowed: {', '.join(variables.VARIABLES)}; Ansible's own, ansible_…; and {names.OWN_PREFIX}… for "
        "variables of your own, which others are made of"
    )
    return [
        f"{', '.join(hosts)}: {name} is {shown}{_place(name, files)}; no variable has this name; "
        f"{names.nearest(name, known)}{allowed}"
        for (name, shown), hosts in unknown.items()
    ]


def _hidden(groups: Mapping[str, list[str]], group_vars: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return a problem for each variable of which two legs say different things of the same host."""
    problems = []
    for one, other in itertools.combinations(LEGS, 2):
        shared = [host for host in groups.get(one, []) if host in groups.get(other, [])]
        here, there = group_vars.get(one, {}), group_vars.get(other, {})
        problems += [
            f"{host}: {name} is {found(here[name])} in the group {one}, and {found(there[name])} in {other}; "
            "allowed: one value for a host"
            for host in shared
            for name in variables.VARIABLES
            if name in here and name in there and here[name] != there[name]
        ]
    return problems
