"""The user's parameters of a run: every name that `-e` takes, what it admits and what it means.

Ansible's extra-vars are strings; it neither converts them nor notices a misspelt name. The plan does both.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tripod.catalogue import k6
from tripod.catalogue.formats import RUN_ID
from tripod.inputs import values
from tripod.inputs.errors import InputError
from tripod.inputs.options import Option, by_name
from tripod.inputs.variables import VARIABLES

# A default is the matrix's unless the help says otherwise.
PARAMETERS: dict[str, Option] = by_name(
    Option(
        "matrix",
        values.text(r".+", "the name of a file in matrix/, or a path to one"),
        "name of a file in matrix/, or a path to your own (default poc)",
    ),
    Option(
        "db_sleep",
        values.list_of(values.whole(0, 60_000, "whole milliseconds")),
        "latency of the fake database, ms; one or several (matrices with `database: fakedb` only)",
    ),
    Option(
        "workers",
        values.list_of(values.whole(1, 256)),
        "worker processes per stack; one or several",
    ),
    Option(
        "threads",
        values.list_of(values.whole(1, 1024)),
        "threads per worker, for stacks whose command has {threads}; one or several",
    ),
    Option(
        "only",
        values.text(r"[\w.*?\[\]!-]+", "a glob over stack names, such as async-*"),
        "glob over stack names",
    ),
    Option("vus", values.whole(1, k6.MOST_VUS), "k6's virtual users"),
    Option("duration", values.duration(1, 86_400), "length of a trial's measurement"),
    # k6 refuses durations below 1 s.
    Option(
        "warmup", values.duration(1, 3_600, or_zero=True), "length of a trial's warm-up; 0s leaves it out"
    ),
    Option("repeats", values.whole(1, 1_000), "trials of every cell, in shuffled blocks (default 1)"),
    Option("seed", values.whole(0, 2**32 - 1), "seed of the trials' order (default: drawn, recorded)"),
    Option(
        "run_id",
        values.text(RUN_ID, "letters, digits, '.', '_', '-', at most 100 characters"),
        "name of the run's directory in results/ (default: time and matrix)",
    ),
)


def parse(given: Mapping[str, object]) -> dict[str, Any]:
    """Convert the parameters among `given`; names that are no parameters are left to `check_names`.

    Raises:
        InputError: naming every parameter whose value is not allowed.

    """
    parsed: dict[str, Any] = {}
    problems = []
    for name, parameter in PARAMETERS.items():
        if name in given:
            try:
                parsed[name] = parameter.read(given[name])
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)
    return parsed


def declared(root: Path) -> frozenset[str]:
    """Return the names besides parameters that `-e` may set: inventory variables and roles' options."""
    names = set(VARIABLES)
    for spec in root.glob("roles/*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(spec.read_text(encoding="utf-8"))["argument_specs"].values():
            names.update(entry.get("options", {}))
    return frozenset(names)


def check_names(given: Iterable[str], declared: Iterable[str]) -> None:
    """Refuse every `-e` name that is neither a parameter, declared elsewhere, nor Ansible's own.

    Args:
        given: the names that the user passed with `-e`.
        declared: names of inventory and role variables, which `-e` may override.

    Raises:
        InputError: naming each unknown name with the nearest valid one, and all parameters.

    """
    valid = {*PARAMETERS, *declared}
    problems = []
    for name in given:
        if name not in valid and not name.startswith("ansible_"):
            near = difflib.get_close_matches(name, sorted(valid), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}? " if near else ""
            problems.append(f"-e {name}=… is not a parameter; {hint}parameters: {', '.join(PARAMETERS)}")
    if problems:
        raise InputError(problems)
