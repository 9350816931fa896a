"""A matrix: the stacks and loads that a run crosses, as data read from a YAML file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tripod.catalogue.databases import DATABASES, Database
from tripod.catalogue.workloads import workload_names
from tripod.inputs import contrasts, loads, mappings, stacks, values, yaml_files
from tripod.inputs.contrasts import Contrast
from tripod.inputs.errors import InputError, found
from tripod.inputs.loads import Load
from tripod.inputs.names import nearest
from tripod.inputs.parameters import PARAMETERS
from tripod.inputs.stacks import Stack

_KEYS: dict[str, Callable[[object], Any]] = {
    "name": values.name,
    "database": values.choice(*DATABASES),
}
_OWN_KEYS: dict[str, Callable[[object], Any]] = {"db_sleep": PARAMETERS["db_sleep"].parse}
# Parameters that a matrix may choose for those who do not: what it says of them is their default.
_OF_STACKS = ("only", "workers", "threads")
_CHOOSES = (*_OF_STACKS, "repeats")


@dataclass(frozen=True)
class Matrix:
    """A whole matrix, checked.

    Attributes:
        name: its own, not the file's.
        path: the file.
        database: on which its apps run.
        db_sleep_ms: latencies; None on a database whose latency is its own.
        loads: what k6 may offer; the first is offered to those who choose none.
        stacks: what serves.
        contrasts: what it is about.
        chooses: parameter → what holds unless the user says otherwise.
        content: what was read, with `extends` resolved.

    """

    name: str
    path: Path
    database: Database
    db_sleep_ms: list[int] | None
    loads: list[Load]
    stacks: list[Stack]
    contrasts: list[Contrast]
    chooses: dict[str, Any]
    content: dict[str, Any]


def find(name: str, root: Path, what: str = "matrix") -> Path:
    """Return the file of a matrix: a name in `matrix/`, or a path (absolute, or from the working directory).

    Args:
        name: as the user gave it.
        root: the checkout.
        what: gave the name: the parameter, or a file and its key.

    Raises:
        InputError: naming the matrices that there are.

    """
    if "/" in name or name.endswith((".yml", ".yaml")):
        path = values.existing_file(name)
        if path:
            return path.resolve()
    elif values.existing_file(str(root / "matrix" / f"{name}.yml")):
        return root / "matrix" / f"{name}.yml"
    valid = sorted(path.stem for path in (root / "matrix").glob("*.yml"))
    hint = nearest(name, valid)
    allowed = f"{', '.join(valid)}, or the path of a matrix file that is there"
    raise InputError(f"{what} is {found(name)}; {hint}allowed: {allowed}")


def load(path: Path, root: Path) -> Matrix:
    """Read and check a matrix file.

    Raises:
        InputError: naming the file, the key, the value found and what is allowed, for every problem at once.

    """
    content = _resolve(path, root, seen=())
    problems: list[str] = []
    where = str(path)
    named = content.get("database")
    database = DATABASES.get(named) if isinstance(named, str) else None
    keys = dict(_KEYS)
    if database:  # without it, nobody can tell which of the other keys are right
        keys |= {key: _OWN_KEYS[key] for key in database.matrix_keys}
        foreign = mappings.check_foreign(content, database, "matrix_keys", where, problems)
        known = [*keys, "extends", "loads", "load", "stacks", "contrasts", *_CHOOSES, *foreign]
        mappings.check_keys(content, known, where, problems)
    checked = mappings.parse_keys(content, keys, where, problems)
    choices = {name: PARAMETERS[name].parse for name in _CHOOSES if name in content}
    chooses = mappings.parse_keys(content, choices, where, problems)
    workloads = workload_names(root)
    offered = loads.parse(content, workloads, where, problems)
    known_loads = list(dict.fromkeys([*(load.name for load in offered), *workloads]))
    rows = stacks.parse(content.get("stacks"), database, known_loads, f"{where}: stacks", problems)
    claims = contrasts.parse(
        content.get("contrasts", []),
        contrasts.Known(rows, [load.name for load in offered], checked.get("db_sleep")),
        f"{where}: contrasts",
        problems,
    )
    if problems or database is None:
        raise InputError(problems)
    return Matrix(
        name=checked["name"],
        path=path,
        database=database,
        db_sleep_ms=checked.get("db_sleep"),
        loads=offered,
        stacks=rows,
        contrasts=claims,
        chooses=chooses,
        content=content,
    )


def _resolve(path: Path, root: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """Read a file; keys that it leaves out come from the matrix that it `extends`."""
    content = yaml_files.read(path)
    if not isinstance(content, dict):
        raise InputError(
            f"{path}: is {found(content)}; allowed: a mapping (name, database, loads, stacks, …)"
        )
    if "extends" not in content:
        return content
    extended = content.pop("extends")
    if not isinstance(extended, str):
        raise InputError(f"{path}: extends is {found(extended)}; allowed: the name of a matrix, or a path")
    parent = find(extended, root, f"{path}: extends")
    if parent in seen or parent == path:
        raise InputError(
            f"{path}: extends is {found(parent.stem)}; allowed: a matrix that does not extend this one"
        )
    inherited = _resolve(parent, root, (*seen, path))
    for own, other in (("load", "loads"), ("loads", "load")):  # two spellings of one thing
        if own in content:
            inherited.pop(other, None)
    if "stacks" in content:  # it chose among those that are replaced, and of their sizes
        for name in _OF_STACKS:
            inherited.pop(name, None)
    if {"stacks", "load", "loads", "db_sleep"} & set(content):  # what was claimed is of those
        inherited.pop("contrasts", None)
    return inherited | content
