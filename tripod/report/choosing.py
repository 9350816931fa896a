"""Which rows and columns of a table are shown, and in which order, as a person asks for them."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Any

from tripod.report.columns import Column, Row, columns_of
from tripod.report.order import group_of
from tripod.runs.explain import listed

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONDITION = re.compile(
    r"\s*([A-Za-z0-9_.#-]+(?: [A-Za-z0-9_.-]+)*)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL
)
_NEAR = 3
# Statistics that name no time are of this one, as everywhere.
_USUAL = "duration_ms."


class ChoiceError(ValueError):
    """What was asked for is not there; the message says what is."""


def name_of(column: Column) -> str:
    """Return how a column is called by those who ask for it, and in CSV."""
    return column.key.replace(".", "_")


class Known:
    """The columns of a table, which can be asked for: by their keys, or as their headings are read."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the columns of these rows."""
        columns = columns_of(rows)
        self._known = {name_of(column): column for column in columns}
        self._also = _headings(columns)

    def columns(self, names: str) -> list[Column]:
        """Return the columns of these names, separated by commas, in their order; raises ChoiceError."""
        wanted = [name.strip() for name in names.split(",") if name.strip()]
        if not wanted:
            raise ChoiceError(f"--columns is '{names}', which names none; allowed: {', '.join(self._known)}")
        return [self._column(name, "--columns") for name in wanted]

    def filtered(self, rows: Sequence[Row], condition: str) -> list[Row]:
        """Return the rows that a condition holds of: `rps>100`, `reasons=errors`, `stack!=sync-*`.

        Texts are compared as globs, regardless of case; of a list one item must fit. What is not known is
        neither smaller nor greater; `=` with nothing after it asks for it.

        Raises:
            ChoiceError: if it is no condition, names no column, compares a number with something else, or
                holds of none of the rows.

        """
        match = _CONDITION.fullmatch(condition)
        if match is None:
            allowed = "COLUMN=VALUE, with = != < <= > or >="
            raise ChoiceError(
                f"--filter is '{condition}'; allowed: {allowed}, e.g. 'rps>100' or reasons=errors"
            )
        name, sign, wanted = match.groups()
        column = self._column(name, "--filter")
        if column.numeric and wanted and not _is_number(wanted):
            raise ChoiceError(f"--filter is '{condition}'; allowed: a number, since {name} is one")
        if sign in _COMPARED and not (column.numeric and wanted):
            text = f"= or !=, since {name} is compared as a text"
            raise ChoiceError(
                f"--filter is '{condition}'; allowed: {f'a number after {sign}' if column.numeric else text}"
            )
        found = [row for row in rows if _holds(column.value(row), sign, wanted)]
        if rows and not found:
            raise ChoiceError(_none_has(column, rows, name, sign, wanted))
        return found

    def ordered(self, rows: Sequence[Row], by: str, *, in_groups: bool) -> list[Row]:
        """Return the rows in the order of a column, of `-COLUMN` from the largest down; unknown values last.

        Raises ChoiceError. With `in_groups` those of a database setting and a load stay together.
        """
        column = self._column(by.removeprefix("-"), "--sort")
        groups = [list(members) for _, members in groupby(rows, key=group_of)] if in_groups else [list(rows)]
        found: list[Row] = []
        for members in groups:
            lacking = [row for row in members if column.value(row) in (None, [])]
            having = [row for row in members if column.value(row) not in (None, [])]
            having.sort(key=lambda row: _order(column.value(row)), reverse=by.startswith("-"))
            found += [*having, *lacking]
        return found

    def _column(self, name: str, option: str) -> Column:
        wanted = name.strip().casefold()
        found = self._known.get(wanted.replace(".", "_")) or self._also.get(wanted)
        if found is None:
            near = self._near(wanted)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise ChoiceError(f"{option}: no column '{name}'; {hint}allowed: {', '.join(self._known)}")
        return found

    def _near(self, wanted: str) -> list[str]:
        """Return the names that are most alike, by name or by heading; else those that it is a part of."""
        headings = {name: name_of(column) for name, column in self._also.items()}
        named = headings | {name: name for name in self._known}
        alike = get_close_matches(wanted, named, n=_NEAR)
        parts = [name for name in named if wanted and wanted in name]
        return list(dict.fromkeys(named[name] for name in alike or parts))[:_NEAR]


def _headings(columns: Sequence[Column]) -> dict[str, Column]:
    """Return the columns by the headings that people see; those that several have are left out."""
    shown: dict[str, list[Column]] = {}
    for column in columns:
        usual = column.key.startswith(_USUAL) and column.title != column.name
        names = [] if column.machine else [column.name]
        for name in [*names, *([column.title] if usual else [])]:
            shown.setdefault(name.casefold(), []).append(column)
    return {name: found[0] for name, found in shown.items() if len(found) == 1}


def _none_has(column: Column, rows: Sequence[Row], name: str, sign: str, wanted: str) -> str:
    """Return that no row is as it was asked for, and what rows there are."""
    values = [column.value(row) for row in rows]
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    known = list(dict.fromkeys(item for item in items if item is not None))
    texts = [_shown(item) for item in known]
    if not known:
        there = "none has a value"
    elif column.numeric and (sign in _COMPARED or len(known) > _NEAR):
        there = f"there are: {_shown(min(known))} to {_shown(max(known))}"
    else:
        there = f"there are: {listed(texts)}"
    meant = _meant(texts, wanted) if sign == "=" and not column.numeric else None
    hint = f"did you mean '{name}={meant}'? " if meant else ""
    return f"--filter: no row has {name}{sign}{wanted}; {hint}{there}"


def _meant(texts: Sequence[str], wanted: str) -> str | None:
    """Return a glob that fits where what was asked for is a part of a text; else the text most alike."""
    if wanted and any(wanted.casefold() in text.casefold() for text in texts):
        return f"*{wanted}*"
    near = get_close_matches(wanted, texts, n=1)
    return near[0] if near else None


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _holds(value: Any, sign: str, wanted: str) -> bool:
    if sign in _COMPARED and isinstance(value, list):
        return any(_holds(item, sign, wanted) for item in value)
    if sign in _COMPARED:
        return isinstance(value, int | float) and _COMPARED[sign](value, float(wanted))
    return _equals(value, wanted) == (sign == "=")


def _equals(value: Any, wanted: str) -> bool:
    if value is None or value == []:
        return not wanted
    if isinstance(value, list):
        return any(_equals(item, wanted) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _is_number(wanted) and value == float(wanted)
    return fnmatchcase(str(value).casefold(), wanted.casefold())


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _order(value: Any) -> Any:
    if isinstance(value, list):
        return [_order(item) for item in value]
    return value if isinstance(value, int | float) else str(value).casefold()
