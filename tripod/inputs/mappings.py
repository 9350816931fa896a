"""Checks mappings that were read from YAML, key by key.

Every problem says where, what was found, and what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tripod.catalogue import databases
from tripod.catalogue.databases import Database
from tripod.inputs.errors import found
from tripod.inputs.names import nearest

Parsers = Mapping[str, Callable[[object], Any]]


def check_keys(mapping: Mapping[str, Any], allowed: Iterable[str], where: str, problems: list[str]) -> None:
    """Note every key that is not among those allowed."""
    known = list(allowed)
    problems.extend(
        f"{where}: has the unknown key {found(key)}; {nearest(str(key), known)}allowed: {', '.join(known)}"
        for key in mapping
        if key not in known
    )


def check_foreign(
    mapping: Mapping[str, Any], database: Database, attribute: str, where: str, problems: list[str]
) -> list[str]:
    """Note every key that belongs to another kind of database, and return those keys."""
    foreign = databases.foreign(database, mapping, attribute)
    problems.extend(
        f"{where}: {key} is {found(mapping[key])}, but database is {database.kind!r}; "
        f"allowed: {key} with database {kind} only"
        for key, kind in foreign.items()
    )
    return list(foreign)


def parse_keys(
    mapping: Mapping[str, Any],
    parsers: Parsers,
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
