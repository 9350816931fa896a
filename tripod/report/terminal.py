"""The table in the terminal.

A row that fits stands on one line. On narrower terminals its name and what was found of it come first, then
its command, verbatim, then the figures; when those do not fit, the least important columns are left out, and
named. In a pipe or a file each row is one line, however long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tripod.report import harmless, header
from tripod.report.columns import NOTHING, Column, Row, split_constant
from tripod.report.folded import print_facts, print_note
from tripod.report.order import severity_of
from tripod.verdicts.rule import Severity

_GAP = "  "
_INDENT = "    "
# Where a row takes several lines: what names it, then what else as far as there is room, in this order. What
# may not be missing has a line of its own where there is none.
_NAMES = ("number", "place", "cell")
_NEVER_MISSING = ("command", "reasons")
_IF_IT_FITS = (
    "twin_of",
    "reasons",
    "command",
    "limited_by",
    "places",
    "mode",
    "slots_claimed",
    "ledger.pool_max_total",
    "workers",
    "threads",
    "framework",
)
_DECIMAL = re.compile(r"(?:≥ )?-?[0-9]+(\.[0-9]+)?")
STYLES = {Severity.FAILED: "red", Severity.VOID: "yellow", Severity.BOUND: "cyan", Severity.NOTE: "none"}


@dataclass(frozen=True)
class Line:
    """One line of a row: its columns, how wide each is, and where it starts."""

    columns: Sequence[Column]
    widths: Mapping[str, int]
    texts: Texts
    indent: str = ""

    @property
    def length(self) -> int:
        """Characters that it needs."""
        return len(self.indent) + sum(self.widths[c.key] + len(_GAP) for c in self.columns) - len(_GAP)

    def row(self, row: Row) -> str:
        """Return a row's line."""
        return self._join([self.texts.text(column, row) for column in self.columns])

    def is_blank(self, row: Row) -> bool:
        """Whether the row has nothing to say on this line."""
        return all(self.texts.text(column, row).strip() == NOTHING for column in self.columns)

    def heading(self) -> list[str]:
        """Return the lines of the heading: groups above, then words of the titles, units at the bottom."""
        stacks = [_title(column) for column in self.columns]
        height = max(len(stack) for stack in stacks)
        levels = [
            self._join(texts) for texts in zip(*(_bottom(stack, height) for stack in stacks), strict=True)
        ]
        groups = self._groups()
        if not groups.strip():
            return levels
        return [*levels[:-2], _overlay(levels[-2], groups), levels[-1]] if height > 1 else [groups, *levels]

    def _groups(self) -> str:
        """Return each group's title, with its unit, at the right end of the columns that it covers."""
        text = self.indent
        for _, members in groupby(self.columns, key=lambda column: column.group or column.key):
            covered = list(members)
            width = Line(covered, self.widths, self.texts).length
            title = f"{covered[0].group}, {covered[0].unit}" if covered[0].group else ""
            text += f"{title:>{width}}{_GAP}"
        return text.rstrip()

    def _join(self, texts: Sequence[str]) -> str:
        cells = []
        for column, text in zip(self.columns, texts, strict=True):
            blank = " " * (self.widths[column.key] - cell_len(text))
            cells.append(blank + text if column.numeric else text + blank)
        return (self.indent + _GAP.join(cells)).rstrip()


class Layout:
    """Which columns are shown on which line."""

    def __init__(
        self, rows: Sequence[Row], width: int | None, chosen: Sequence[Column] | None = None
    ) -> None:
        """Choose the columns that fit into `width` characters; without a width, or of chosen ones, all."""
        columns = list(chosen) if chosen is not None else split_constant(list(rows))[0]
        self._texts = Texts(columns, rows)
        self.left_out: list[Column] = []
        self.lines = [self._line(columns)]
        if width is None or chosen is not None or self.lines[0].length <= width:
            return
        self.lines = self._names(columns, width)
        below = [column for column in columns if not any(column in line.columns for line in self.lines)]
        while self._line(below, _INDENT).length > width and any(column.importance for column in below):
            last = max(below, key=lambda column: column.importance)
            below.remove(last)
            self.left_out.append(last)
        self.lines.append(self._line(below, _INDENT))

    def _names(self, columns: Sequence[Column], width: int) -> list[Line]:
        """Return the lines that say which row it is, and what was found of it."""
        there = {column.key for column in columns}
        left = [key for key in _IF_IT_FITS if key in there]
        lines: list[Line] = []
        keys = set(_NAMES)
        while True:
            indent = _INDENT if lines else ""
            for key in list(left):
                if self._line([c for c in columns if c.key in keys | {key}], indent).length <= width:
                    keys.add(key)
                    left.remove(key)
            lines.append(self._line([c for c in columns if c.key in keys], indent))
            missing = [key for key in _NEVER_MISSING if key in left]
            if not missing:
                return lines
            keys = {missing[0]}
            left.remove(missing[0])

    def _line(self, columns: Sequence[Column], indent: str = "") -> Line:
        return Line(columns, self._texts.widths(columns), self._texts, indent)

    def heading(self) -> list[str]:
        """Return the lines above the rows of a group."""
        return [text for line in self.lines for text in line.heading()]


class Texts:
    """What stands in each cell; numbers of a column have their decimal points below each other."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Look at what the rows have in these columns."""
        self._decimals = {
            column.key: max((_decimals(_text(column, row)) for row in rows), default=0)
            for column in columns
            if column.numeric
        }
        self._widths = {
            column.key: max(
                cell_len(text) for text in [*_title(column), *(self.text(column, row) for row in rows)]
            )
            for column in columns
        }

    def text(self, column: Column, row: Row) -> str:
        """Return the text of a cell, with blanks for the decimals that others in its column have."""
        text = _text(column, row)
        most = self._decimals.get(column.key, 0)
        return text + " " * (most - _decimals(text)) if most and _DECIMAL.fullmatch(text) else text

    def widths(self, columns: Sequence[Column]) -> dict[str, int]:
        """Return the width of each column; the last of a group makes room for the group's title."""
        widths = {column.key: self._widths[column.key] for column in columns}
        for group in {column.group for column in columns if column.group}:
            covered = [column for column in columns if column.group == group]
            lacking = len(f"{group}, {covered[0].unit}") - Line(covered, widths, self).length
            widths[covered[-1].key] += max(lacking, 0)
        return widths


def _decimals(text: str) -> int:
    """Return how many characters follow the whole part of a number; 0 of anything else."""
    match = _DECIMAL.fullmatch(text)
    return len(match[1] or "") if match else 0


def print_table(
    table: Mapping[str, Any],
    console: Console,
    *,
    one_line: bool = False,
    columns: Sequence[Column] | None = None,
) -> None:
    """Print the table, at the console's width.

    Args:
        table: as `tripod.report.table.make` gives it.
        console: where it is printed.
        one_line: whether each row is one line with all columns, however wide.
        columns: those that are shown, and no others, on one line.

    """
    print_note(header.title(table), console, style="bold")
    print_facts(header.facts(table), console)
    layout = Layout(table["rows"], None if one_line else console.width, columns)
    for heading, rows in header.groups(table["rows"]):
        console.print()
        print_note(heading, console, style="bold")
        for line in layout.heading():
            _print_line(line, console, "dim")
        for row in rows:
            for part in layout.lines:
                if len(layout.lines) > 1 and part.is_blank(row):
                    continue
                emphasis = "bold " if part is not layout.lines[-1] else ""
                _print_line(part.row(row), console, emphasis + _style(row))
    _print_sentences("findings", header.findings(table), console)
    _print_sentences("claims", header.claims(table), console)
    notes = header.notes(table)
    if layout.left_out:
        names = ", ".join(column.name for column in layout.left_out)
        notes.append(f"left out for lack of width: {names}; type: ./collect.py table --wide")
    if notes:
        console.print()
    for note in notes:
        print_note(note, console)


def _text(column: Column, row: Row) -> str:
    return harmless.terminal(column.text(row))


def _print_sentences(title: str, sentences: Sequence[str], console: Console) -> None:
    if sentences:
        console.print()
        console.print(Text(title, style="bold"))
    for sentence in sentences:
        print_note(sentence, console, mark="- ")


def _print_line(line: str, console: Console, style: str) -> None:
    console.print(Text(line, style=style), soft_wrap=True)


def _title(column: Column) -> list[str]:
    """Return a heading as words below each other, the unit last; that of a group stands above all of it."""
    if column.group:
        return [column.title]
    return [*column.title.split(), *([column.unit] if column.unit else [])]


def _bottom(stack: list[str], height: int) -> list[str]:
    return [""] * (height - len(stack)) + stack


def _overlay(text: str, over: str) -> str:
    """Return `text` with what `over` has in its blanks."""
    pairs = zip_longest(text, over, fillvalue=" ")
    return "".join(upper if lower == " " else lower for lower, upper in pairs).rstrip()


def _style(row: Row) -> str:
    found = severity_of(row)
    return STYLES[found] if found else "none"
