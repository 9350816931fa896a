"""The contrasts of a matrix: what it is about, as claims on the ratio of two of its cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tripod.inputs import mappings, values
from tripod.inputs.errors import found
from tripod.inputs.names import nearest
from tripod.inputs.stacks import Stack, sized_name

_MOST = 100
_KINDS = "faster and than (and by: so many times), or same and within"


@dataclass(frozen=True)
class Contrast:
    """A claim that trials can answer.

    Attributes:
        claim: as people read it.
        cells: two stacks with their sizes, as cells are named.
        by: the first does so many times the rate of the second, or more; None if they are claimed the same.
        within: the share by which they differ at most, to either side; None if one is claimed faster.
        load: under which it is claimed; None: under any.
        db_sleep_ms: at which it is claimed; None: at any.

    """

    claim: str
    cells: tuple[str, str]
    by: float | None
    within: float | None
    load: str | None
    db_sleep_ms: int | None


@dataclass(frozen=True)
class Known:
    """What a claim may be about.

    Attributes:
        stacks: of the matrix.
        loads: their names.
        db_sleep_ms: latencies of the matrix; None on a database whose latency is its own.

    """

    stacks: Sequence[Stack]
    loads: Sequence[str]
    db_sleep_ms: Sequence[int] | None


def parse(raw: object, known: Known, where: str, problems: list[str]) -> list[Contrast]:
    """Return the contrasts of a matrix; whatever is wrong with them is added to `problems`.

    Args:
        raw: as read.
        known: what the matrix has.
        where: file and key.
        problems: is added to.

    """
    if not isinstance(raw, list) or len(raw) > _MOST:
        problems.append(f"{where} is {found(raw)}; allowed: a list of contrasts, at most {_MOST}")
        return []
    cells = [sized_name(stack.name, size) for stack in known.stacks for size in stack.sizes]
    parsers = {
        "claim": values.text(r".{1,300}", "a sentence of at most 300 characters"),
        "faster": _cell(cells),
        "than": _cell(cells),
        "by": _times,
        "same": _two(cells),
        "within": values.share(0.001, 0.5),
        "load": values.choice(*known.loads),
        "db_sleep": _latency(known.db_sleep_ms),
    }
    made = (_contrast(one, parsers, f"{where}[{index}]", problems) for index, one in enumerate(raw))
    return [contrast for contrast in made if contrast]


def _contrast(raw: object, parsers: mappings.Parsers, where: str, problems: list[str]) -> Contrast | None:
    if not isinstance(raw, dict):
        problems.append(f"{where} is {found(raw)}; allowed: a mapping with claim, and {_KINDS}")
        return None
    mappings.check_keys(raw, parsers, where, problems)
    faster = [key for key in ("faster", "than", "by") if key in raw]
    same = [key for key in ("same", "within") if key in raw]
    needed = {"claim", *(("faster", "than") if faster else ("same", "within"))}
    if bool(faster) == bool(same):
        problems.append(f"{where}: has {', '.join([*faster, *same]) or 'no cells'}; allowed: {_KINDS}")
        needed = {"claim"}
    optional = tuple(key for key in parsers if key not in needed)
    before = len(problems)
    parsed = mappings.parse_keys(raw, parsers, where, problems, optional)
    if len(problems) > before or bool(faster) == bool(same):
        return None
    cells = (parsed["faster"], parsed["than"]) if faster else tuple(parsed["same"])
    if cells[0] == cells[1]:
        problems.append(f"{where}: both cells are {found(cells[0])}; allowed: two that differ")
        return None
    return Contrast(
        claim=parsed["claim"],
        cells=cells,
        by=(parsed["by"] or 1.0) if faster else None,
        within=parsed["within"],
        load=parsed["load"],
        db_sleep_ms=parsed["db_sleep"],
    )


def _cell(cells: list[str]) -> Any:
    def parse_cell(value: object) -> str:
        if not isinstance(value, str) or value not in cells:
            hint = nearest(str(value), cells)
            such = f"a stack of the matrix with a size that it has there, such as {cells[0]}"
            raise ValueError(f"{such}; {hint}".rstrip("; "))
        return value

    return parse_cell if cells else values.choice("a cell of a matrix that is sound")


def _two(cells: list[str]) -> Any:
    one = _cell(cells)

    def parse_two(value: object) -> list[str]:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - a ratio has two
            raise ValueError("a list of two cells")
        return [one(cell) for cell in value]

    return parse_two


def _times(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 1000:  # noqa: PLR2004 - said below
        raise ValueError("a number from 1 to 1000: so many times the rate")
    return float(value) if math.isfinite(value) else 1.0


def _latency(known: Sequence[int] | None) -> Any:
    def parse_latency(value: object) -> int:
        if known is None or isinstance(value, bool) or value not in known:
            allowed = ", ".join(map(str, known)) if known else "none, since the database's latency is its own"
            raise ValueError(f"one of the matrix's db_sleep: {allowed}")
        return int(str(value))

    return parse_latency
