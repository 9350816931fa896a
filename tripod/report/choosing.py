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

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONDITION = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_NEAR = 3


class ChoiceError(ValueError):
    """What was asked for is not there; the message says what is."""


def name_of(column: Column) -> str:
    """Return how a column is called by those who ask for it, and in CSV."""
    return column.key.replace(".", "_")


class Known:
    """The columns of a table, which can be asked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the columns of these rows."""
        self._known = {name_of(column): column for column in columns_of(rows)}

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
            ChoiceError: if it is no condition, names no column, or compares a number with something else.

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
        return [row for row in rows if _holds(column.value(row), sign, wanted)]

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
        wanted = name.replace(".", "_")
        if wanted not in self._known:
            near = get_close_matches(wanted, self._known, n=_NEAR)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise ChoiceError(f"{option}: no column '{name}'; {hint}allowed: {', '.join(self._known)}")
        return self._known[wanted]


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
