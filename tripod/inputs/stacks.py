"""The stacks of a matrix: an app module, the command that serves it, and the sizes that a run crosses."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tripod.catalogue.apps import app_of
from tripod.catalogue.databases import Database
from tripod.catalogue.servers import check_command, program_of
from tripod.inputs import mappings, values
from tripod.inputs.errors import found
from tripod.inputs.parameters import PARAMETERS

Size = tuple[int, int | None]
"""Workers, and threads of each; None where the command has none."""


def sized_name(stack: str, size: Size) -> str:
    """Return the name of a stack with its size, with which services and cells are named."""
    workers, threads = size
    return f"{stack}-w{workers}" + (f"-t{threads}" if threads else "")


_SIZE = re.compile(r"(\d{1,4})x(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class Stack:
    """An app module and the server command that serves it.

    Attributes:
        name: unique in its matrix.
        aliases: further names by which `only` finds it, such as that of a publication.
        mode: `sync` or `async`.
        command: as a person would type it, with placeholders.
        sizes: what the matrix has it measured with.
        pool: `min` and `max` connections of each process's pool; None without a pool, or on a database that
            counts no connections.
        vus: load → virtual users of the stack's own, in place of the load's.

    """

    name: str
    mode: str
    command: str
    sizes: list[Size]
    pool: dict[str, int] | None
    vus: dict[str, int]
    aliases: tuple[str, ...] = ()

    @property
    def framework(self) -> str | None:
        """Package of the app's web framework; None of an app that is not in `apps/`."""
        app = app_of(self.command)
        return app.framework if app else None

    @property
    def server(self) -> str:
        """The server program."""
        return program_of(self.command)

    def is_meant_by(self, word: str) -> bool:
        """Return whether a word of `only` means it: a glob over its names, or its framework or server."""
        names = (self.name, *self.aliases)
        return word in {self.framework, self.server} or any(fnmatchcase(name, word) for name in names)

    @property
    def workers(self) -> list[int]:
        """The numbers of workers that occur, each once."""
        return list(dict.fromkeys(workers for workers, _ in self.sizes))

    @property
    def threads(self) -> list[int] | None:
        """The numbers of threads that occur, each once; None if the command has none."""
        return list(dict.fromkeys(threads for _, threads in self.sizes if threads is not None)) or None

    def crossed(self, workers: list[int] | None, threads: list[int] | None) -> list[Size]:
        """Return the sizes of a run: the matrix's own, unless the user asks for other workers or threads.

        What he asks for is crossed with what occurs of the other; threads mean nothing to a command without.
        """
        own = self.threads
        if workers is None and (threads is None or own is None):
            return self.sizes
        return list(itertools.product(workers or self.workers, (threads or own) if own else [None]))


def parse(
    raw: object, database: Database | None, loads: list[str], where: str, problems: list[str]
) -> list[Stack]:
    """Return the stacks of a matrix; whatever is wrong with them is added to `problems`.

    `database` is None where the matrix does not say a kind that there is; `loads` are the names that its
    loads have, and those that loads of matrices which extend it have by default.
    """
    if not isinstance(raw, list) or not raw:
        problems.append(f"{where} is {found(raw)}; allowed: a list of stacks, at least one")
        return []
    keys = _KEYS | {"vus": _vus(loads)} | {key: _OWN_KEYS[key] for key in _own_keys(database)}
    stacks = [_stack(item, database, keys, f"{where}[{number}]", problems) for number, item in enumerate(raw)]
    names = [stack.name for stack in stacks if stack]
    problems.extend(
        f"{where}: the name {found(name)} occurs {names.count(name)} times; allowed: once"
        for name in sorted({name for name in names if name and names.count(name) > 1})
    )
    return [stack for stack in stacks if stack]


def _size(value: object) -> Size:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    try:
        if match:
            return PARAMETERS["workers"].parse(match[1])[0], PARAMETERS["threads"].parse(match[2])[0]
    except ValueError:
        pass
    raise ValueError("WORKERSxTHREADS, such as 3x5")


def _pool(value: object) -> dict[str, int] | None:
    if value == "none":
        return None
    size = values.whole(1, 1_000)
    allowed = "none, or {min: 5, max: 15}: whole numbers from 1 to 1000, min not above max"
    if not isinstance(value, dict) or set(value) != {"min", "max"}:
        raise ValueError(allowed)
    try:
        pool = {key: size(value[key]) for key in ("min", "max")}
    except ValueError:
        raise ValueError(allowed) from None
    if pool["min"] > pool["max"]:
        raise ValueError(allowed)
    return pool


def _vus(loads: list[str]) -> Callable[[object], dict[str, int]]:
    """Return the parser of virtual users per load."""
    users = PARAMETERS["vus"].parse

    def parse_users(value: object) -> dict[str, int]:
        try:
            if isinstance(value, dict) and value and set(value) <= set(loads):
                return {load: users(number) for load, number in value.items()}
        except ValueError:
            pass
        raise ValueError(f"users per load, such as {{quote: 2}}; loads: {', '.join(loads)}")

    return parse_users


_KEYS: dict[str, Callable[[object], Any]] = {
    "name": values.name,
    "mode": values.choice("sync", "async"),
    "workers": PARAMETERS["workers"].parse,
    "threads": PARAMETERS["threads"].parse,
    "sizes": values.list_of(_size),
    "aliases": values.list_of(values.name),
}
_OWN_KEYS: dict[str, Callable[[object], Any]] = {"pool": _pool}


def _own_keys(database: Database | None) -> tuple[str, ...]:
    return database.stack_keys if database else ()


def _stack(
    raw: object, database: Database | None, keys: mappings.Parsers, where: str, problems: list[str]
) -> Stack | None:
    if not isinstance(raw, dict):
        problems.append(f"{where} is {found(raw)}; allowed: a mapping with name, mode, command, workers")
        return None
    if "name" in raw:
        named = found(raw["name"]).strip("'")
        where = f"{where} ({named})"
    if database:
        foreign = mappings.check_foreign(raw, database, "stack_keys", where, problems)
        mappings.check_keys(raw, [*keys, "command", *foreign], where, problems)
    sized = "sizes" in raw
    if sized and ("workers" in raw or "threads" in raw):
        problems.append(f"{where}: has sizes beside workers or threads; allowed: either of the two")
    optional = ("threads", "sizes", "vus", "aliases", *(["workers"] if sized else []))
    parsed = mappings.parse_keys(raw, keys, where, problems, optional)
    command = raw.get("command")
    try:
        _check_template(command, has_threads=sized or "threads" in raw)
    except ValueError as error:
        problems.append(f"{where}: command is {found(command)}; allowed: {error}")
    sizes = parsed["sizes"] or itertools.product(parsed["workers"] or [], parsed["threads"] or [None])
    return Stack(
        name=parsed["name"],
        mode=parsed["mode"],
        command=str(command),
        sizes=list(sizes),
        pool=parsed.get("pool"),
        vus=parsed["vus"] or {},
        aliases=tuple(parsed["aliases"] or ()),
    )


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
