"""The table in the terminal.

A row that fits stands on one line. On narrower terminals its command, verbatim, has a line of its own, with
what else fits there, and the figures stand below; when those do not fit, the least important columns are left
out, and named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tripod.report import harmless, header
from tripod.report.columns import Column, Row, split_constant
from tripod.report.rows import severity_of
from tripod.verdicts.rule import Severity

_GAP = "  "
_INDENT = "    "
# Where a row takes two lines, what stands on the line of the command; then what else does as far as there is
# room, the first first.
_ALWAYS = ("place", "command")
_IF_IT_FITS = (
    "twin_of",
    "places",
    "limited_by",
    "reasons",
    "mode",
    "slots_claimed",
    "ledger.pool_max_total",
    "workers",
    "threads",
)
_STYLES = {Severity.FAILED: "red", Severity.VOID: "yellow", Severity.BOUND: "cyan", Severity.NOTE: "none"}


@dataclass(frozen=True)
class Line:
    """One line of a row: its columns, how wide each is, and where it starts."""

    columns: Sequence[Column]
    widths: Mapping[str, int]
    indent: str = ""

    @property
    def length(self) -> int:
        """Characters that it needs."""
        return len(self.indent) + sum(self.widths[c.key] + len(_GAP) for c in self.columns) - len(_GAP)

    def row(self, row: Row) -> str:
        """Return a row's line."""
        return self._join([_text(column, row) for column in self.columns])

    def heading(self) -> list[str]:
        """Return the lines of the heading: groups above, then words of the titles, units at the bottom."""
        stacks = [[column.title] if column.group else _stack(column) for column in self.columns]
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
            width = Line(covered, self.widths).length
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

    def __init__(self, rows: Sequence[Row], width: int) -> None:
        """Choose the columns that fit into `width` characters."""
        columns, _ = split_constant(list(rows))
        widths = _widths(columns, rows)
        self.left_out: list[Column] = []
        self.lines = [Line(columns, widths)]
        if self.lines[0].length <= width:
            return
        top = self._top(columns, widths, width)
        below = [column for column in columns if column not in top.columns]
        while Line(below, widths, _INDENT).length > width and any(column.importance for column in below):
            last = max(below, key=lambda column: column.importance)
            below.remove(last)
            self.left_out.append(last)
        self.lines = [top, Line(below, _widths(below, rows) | widths, _INDENT)]

    def _top(self, columns: Sequence[Column], widths: Mapping[str, int], width: int) -> Line:
        keys = set(_ALWAYS)
        for key in _IF_IT_FITS:
            if Line([column for column in columns if column.key in keys | {key}], widths).length <= width:
                keys.add(key)
        return Line([column for column in columns if column.key in keys], widths)

    def heading(self) -> list[str]:
        """Return the lines above the rows of a group."""
        return [text for line in self.lines for text in line.heading()]


def _widths(columns: Sequence[Column], rows: Sequence[Row]) -> dict[str, int]:
    """Return the width of each column; the last of a group makes room for the group's title."""
    widths = {}
    for column in columns:
        stack = [column.title] if column.group else _stack(column)
        widths[column.key] = max(cell_len(text) for text in [*stack, *(_text(column, row) for row in rows)])
    for group in {column.group for column in columns if column.group}:
        covered = [column for column in columns if column.group == group]
        lacking = len(f"{group}, {covered[0].unit}") - Line(covered, widths).length
        widths[covered[-1].key] += max(lacking, 0)
    return widths


def print_table(table: Mapping[str, Any], console: Console) -> None:
    """Print the table, at the console's width."""
    console.print(Text(harmless.terminal(header.title(table)), style="bold"))
    _print_facts(header.facts(table), console)
    layout = Layout(table["rows"], console.width)
    for heading, rows in header.groups(table["rows"]):
        console.print()
        console.print(Text(harmless.terminal(heading), style="bold"))
        for line in layout.heading():
            _print_line(line, console, "dim")
        for row in rows:
            for part in layout.lines:
                emphasis = "bold " if part is not layout.lines[-1] else ""
                _print_line(part.row(row), console, emphasis + _style(row))
    _print_sentences("findings", header.findings(table), console)
    _print_sentences("claims", header.claims(table), console)
    notes = header.notes(table)
    if layout.left_out:
        names = ", ".join(column.name for column in layout.left_out)
        notes.append(f"left out for lack of width: {names}; type: ./collect.py table --format markdown")
    if notes:
        console.print()
    for note in notes:
        console.print(Text(harmless.terminal(note), overflow="fold"))


def _text(column: Column, row: Row) -> str:
    return harmless.terminal(column.text(row))


def _print_facts(facts: Sequence[tuple[str, str]], console: Console) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in facts:
        grid.add_row(Text(label), Text(harmless.terminal(text)))
    console.print(grid)


def _print_sentences(title: str, sentences: Sequence[str], console: Console) -> None:
    if sentences:
        console.print()
        console.print(Text(title, style="bold"))
    for sentence in sentences:
        console.print(Text(f"- {harmless.terminal(sentence)}", overflow="fold"))


def _print_line(line: str, console: Console, style: str) -> None:
    console.print(Text(line, style=style), soft_wrap=True)


def _stack(column: Column) -> list[str]:
    """Return a heading as words one below the other, the unit last."""
    return [*column.title.split(), *([column.unit] if column.unit else [])]


def _bottom(stack: list[str], height: int) -> list[str]:
    return [""] * (height - len(stack)) + stack


def _overlay(text: str, over: str) -> str:
    """Return `text` with what `over` has in its blanks."""
    pairs = zip_longest(text, over, fillvalue=" ")
    return "".join(upper if lower == " " else lower for lower, upper in pairs).rstrip()


def _style(row: Row) -> str:
    found = severity_of(row)
    return _STYLES[found] if found else "none"
