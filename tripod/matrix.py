"""A matrix: the stacks and loads that a run crosses, as data read from a YAML file."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tripod import values
from tripod.errors import InputError, found
from tripod.parameters import PARAMETERS
from tripod.servers import check_command
from tripod.workloads import workload_names

_NAME = r"[a-z0-9][a-z0-9-]{0,39}"
_MATRIX_KEYS = {
    "name": values.text(_NAME, "lower-case letters, digits and '-'"),
    "database": values.choice("fakedb"),
    "db_sleep": PARAMETERS["db_sleep"].parse,
}
_LOAD_KEYS = {
    "script": None,  # a file in k6/workloads/, looked up when it is read
    "vus": PARAMETERS["vus"].parse,
    "duration": PARAMETERS["duration"].parse,
    "warmup": PARAMETERS["warmup"].parse,
}
_STACK_KEYS: dict[str, Callable[[object], Any]] = {
    "name": values.text(_NAME, "lower-case letters, digits and '-', at most 40 characters"),
    "mode": values.choice("sync", "async"),
    "workers": PARAMETERS["workers"].parse,
    "threads": PARAMETERS["threads"].parse,
}


@dataclass(frozen=True)
class Stack:
    """An app module and the server command that serves it, with the values that a run crosses."""

    name: str
    mode: str
    command: str
    workers: list[int]
    threads: list[int] | None


@dataclass(frozen=True)
class Matrix:
    """A whole matrix, checked; `content` is what was read, with `extends` resolved."""

    name: str
    path: Path
    database: str
    db_sleep_ms: list[int]
    load: dict[str, Any]
    stacks: list[Stack]
    content: dict[str, Any]


def find(name: str, root: Path) -> Path:
    """Return the file of a matrix: a name in `matrix/`, or a path (absolute, or from the working directory).

    Raises:
        InputError: naming the matrices that there are.

    """
    if "/" in name or name.endswith((".yml", ".yaml")):
        path = values.existing_file(name)
        if path:
            return path.resolve()
    elif values.existing_file(str(root / "matrix" / f"{name}.yml")):
        return root / "matrix" / f"{name}.yml"
    valid = ", ".join(sorted(path.stem for path in (root / "matrix").glob("*.yml")))
    raise InputError(f"matrix is {found(name)}; allowed: {valid}, or the path of a matrix file")


def load(path: Path, root: Path) -> Matrix:
    """Read and check a matrix file.

    Raises:
        InputError: naming the file, the key, the value found and what is allowed, for every problem at once.

    """
    content = _resolve(path, root, seen=())
    problems: list[str] = []
    allowed = [*_MATRIX_KEYS, "load", "stacks"]
    _check_keys(content, allowed, str(path), problems)
    checked = _parse_keys(content, _MATRIX_KEYS, str(path), problems)
    load_ = _load_of(content.get("load"), root, f"{path}: load", problems)
    stacks = _stacks_of(content.get("stacks"), f"{path}: stacks", problems)
    if problems:
        raise InputError(problems)
    return Matrix(
        name=checked["name"],
        path=path,
        database=checked["database"],
        db_sleep_ms=checked["db_sleep"],
        load=load_,
        stacks=stacks,
        content=content,
    )


def _resolve(path: Path, root: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """Read a file; keys that it leaves out come from the matrix that it `extends`."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: is {found(content)}; allowed: a mapping (name, database, load, stacks, …)")
    if "extends" not in content:
        return content
    parent = find(str(content.pop("extends")), root)
    if parent in seen or parent == path:
        raise InputError(
            f"{path}: extends is {found(parent.stem)}; allowed: a matrix that does not extend this one"
        )
    return _resolve(parent, root, (*seen, path)) | content


def _check_keys(mapping: dict[str, Any], allowed: list[str], where: str, problems: list[str]) -> None:
    problems.extend(
        f"{where}: has the unknown key {found(key)}; allowed: {', '.join(allowed)}"
        for key in mapping
        if key not in allowed
    )


def _parse_keys(
    mapping: dict[str, Any],
    parsers: dict[str, Callable[[object], Any]],
    where: str,
    problems: list[str],
    optional: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Parse each key; a missing or bad one becomes a problem and None."""
    parsed: dict[str, Any] = {}
    for key, parse in parsers.items():
        parsed[key] = None
        if key not in mapping:
            if key not in optional:
                problems.append(f"{where}: has no {key}")
            continue
        try:
            parsed[key] = parse(mapping[key])
        except ValueError as error:
            problems.append(f"{where}: {key} is {found(mapping[key])}; allowed: {error}")
    return parsed


def _load_of(raw: object, root: Path, where: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        problems.append(f"{where} is {found(raw)}; allowed: a mapping with {', '.join(_LOAD_KEYS)}")
        return {}
    _check_keys(raw, list(_LOAD_KEYS), where, problems)
    script = values.choice(*workload_names(root))
    return _parse_keys(raw, {key: parse or script for key, parse in _LOAD_KEYS.items()}, where, problems)


def _stacks_of(raw: object, where: str, problems: list[str]) -> list[Stack]:
    if not isinstance(raw, list) or not raw:
        problems.append(f"{where} is {found(raw)}; allowed: a list of stacks, at least one")
        return []
    stacks = [_stack_of(item, f"{where}[{number}]", problems) for number, item in enumerate(raw)]
    names = [stack.name for stack in stacks if stack]
    problems.extend(
        f"{where}: the name {found(name)} occurs {names.count(name)} times; allowed: once"
        for name in sorted({name for name in names if name and names.count(name) > 1})
    )
    return [stack for stack in stacks if stack]


def _stack_of(raw: object, where: str, problems: list[str]) -> Stack | None:
    if not isinstance(raw, dict):
        problems.append(f"{where} is {found(raw)}; allowed: a mapping with name, mode, command, workers")
        return None
    where = f"{where} ({raw['name']})" if "name" in raw else where
    _check_keys(raw, [*_STACK_KEYS, "command"], where, problems)
    parsed = _parse_keys(raw, _STACK_KEYS, where, problems, optional=("threads",))
    command = raw.get("command")
    try:
        _check_template(command, has_threads="threads" in raw)
    except ValueError as error:
        problems.append(f"{where}: command is {found(command)}; allowed: {error}")
    return Stack(command=str(command), **parsed)


def _check_template(command: object, *, has_threads: bool) -> None:
    """Check that a command is plain and that its placeholders are those that the row gives values for."""
    if not isinstance(command, str):
        raise ValueError("a command, as a person would type it")  # noqa: TRY004 - the caller expects ValueError
    check_command(command)
    try:
        parts = [part for part in string.Formatter().parse(command) if part[1] is not None]
    except ValueError as error:
        raise ValueError(f"a command whose braces hold placeholders ({error})") from None
    fields = {field + (spec or "") for _, field, spec, _ in parts if field is not None}
    expected = {"workers", "threads"} if has_threads else {"workers"}
    if fields != expected:
        wanted = " and ".join(f"{{{name}}}" for name in sorted(expected))
        raise ValueError(f"a command with the placeholders {wanted}, and no others")
