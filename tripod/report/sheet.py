"""Pages that are no table of one run: facts, sections of columns, notes; in the terminal, as text, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tripod.report import harmless
from tripod.report.folded import print_facts, print_note
from tripod.runs.formats.declaration import Key, keys_of

_GAP = "  "


@dataclass(frozen=True)
class Series:
    """A column.

    Attributes:
        title: its heading, with the unit.
        texts: one for each row.
        numeric: whether it is aligned to the right.
        importance: the columns with the highest number are the first to go when a terminal is narrow; those
            with 0 stay.

    """

    title: str
    texts: Sequence[str]
    numeric: bool = False
    importance: int = 0


@dataclass(frozen=True)
class Section:
    """Columns under a heading.

    Attributes:
        heading: above them.
        columns: the columns.
        styles: rich's, one for each row, or none at all.

    """

    heading: str
    columns: Sequence[Series]
    styles: Sequence[str] = ()

    @property
    def known(self) -> list[Series]:
        """The columns in which some row has a text."""
        return [column for column in self.columns if any(column.texts)]


@dataclass(frozen=True)
class Sheet:
    """A page."""

    title: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    notes: Sequence[str] = field(default=())


def print_sheet(sheet: Sheet, console: Console, *, width: int | None) -> None:
    """Print the page; where `width` is None each row stands on one line, however long."""
    _print(sheet.title, console, "bold", wrap=width is not None)
    if width is None:
        for label, text in sheet.facts:
            _print(f"{label}: {text}" if label else text, console)
    else:
        print_facts(sheet.facts, console)
    notes = list(sheet.notes)
    for section in sheet.sections:
        console.print()
        _print(section.heading, console, "bold", wrap=width is not None)
        shown = [_harmless(column) for column in section.known]
        gone = _narrowed(shown, width)
        styles = ["dim", *(section.styles or [""] * len(shown[0].texts))]
        if width is not None and _length(shown) > width:
            _print_folded(shown, styles, console)
        else:
            for line, style in zip(_lines(shown), styles, strict=True):
                _print(line, console, style)
        if gone:
            names = ", ".join(column.title for column in section.known if column.title in gone)
            notes.append(f"left out for lack of width: {names}; type: the same with --format markdown")
    if notes:
        console.print()
    for note in notes:
        print_note(note, console)


def markdown(sheet: Sheet) -> str:
    """Return the page as Markdown."""
    lines = [f"# {harmless.markdown(sheet.title)}", ""]
    for label, text in sheet.facts:
        lines.append(f"- {harmless.markdown(f'{label}: {text}' if label else text)}")
    for section in sheet.sections:
        shown = section.known
        lines += ["", f"## {harmless.markdown(section.heading)}", ""]
        lines.append(_bars(column.title for column in shown))
        lines.append(_bars("---:" if column.numeric else "---" for column in shown))
        rows = len(shown[0].texts) if shown else 0
        lines += [_bars(harmless.markdown(column.texts[row]) for column in shown) for row in range(rows)]
    if sheet.notes:
        lines += ["", *(f"- {harmless.markdown(note)}" for note in sheet.notes)]
    return "\n".join(lines) + "\n"


def comma_separated(rows: Sequence[Mapping[str, Any]], model: type[Struct]) -> str:
    """Return one line for each object, with every key that is declared; numbers in full, intervals as two."""
    columns = [column for name, key in keys_of(model).items() for column in _columns(name, key)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(title for title, _, _ in columns)
    writer.writerows([_in_csv(row, path, place) for _, path, place in columns] for row in rows)
    return text.getvalue()


def _columns(name: str, key: Key) -> list[tuple[str, Sequence[str], int | None]]:
    """Return title, path and place in the list of each column that a key has; none of an object."""
    title, path = name.replace(".", "_"), name.split(".")
    if key.type == "object":
        return []
    if path[-1].endswith("interval"):
        return [(f"{title}_low", path, 0), (f"{title}_high", path, 1)]
    return [(title, path, None)]


def _in_csv(row: Mapping[str, Any], path: Sequence[str], place: int | None) -> str:
    value: Any = row
    for part in path:
        value = None if value is None else value[part]
    if value is not None and place is not None:
        value = value[place]
    if value is None:
        return ""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    return harmless.comma_separated(value) if isinstance(value, str) else str(value)


def _bars(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _harmless(column: Series) -> Series:
    return Series(
        column.title, [harmless.terminal(text) for text in column.texts], column.numeric, column.importance
    )


def _narrowed(shown: list[Series], width: int | None) -> set[str]:
    """Take the least important columns out of those shown until they fit; return their titles."""
    gone = set()
    while width is not None and _length(shown) > width and any(column.importance for column in shown):
        last = max(shown, key=lambda column: column.importance)
        shown.remove(last)
        gone.add(last.title)
    return gone


def _length(columns: Sequence[Series]) -> int:
    return sum(_width(column) + len(_GAP) for column in columns) - len(_GAP)


def _width(column: Series) -> int:
    return max(cell_len(text) for text in (column.title, *column.texts))


def _lines(columns: Sequence[Series]) -> list[str]:
    """Return the heading, and a line for each row."""
    padded = [[_padded(column, text) for text in (column.title, *column.texts)] for column in columns]
    return [_GAP.join(texts).rstrip() for texts in zip(*padded, strict=True)]


def _padded(column: Series, text: str) -> str:
    blank = " " * (_width(column) - cell_len(text))
    return blank + text if column.numeric else text + blank


def _print(text: str, console: Console, style: str = "", *, wrap: bool = False) -> None:
    console.print(Text(harmless.terminal(text), style=style, overflow="fold"), soft_wrap=not wrap)


def _print_folded(columns: Sequence[Series], styles: Sequence[str], console: Console) -> None:
    """Print columns that are too wide even so: their texts go on in the next line."""
    table = Table.grid(padding=(0, 2))
    for column in columns:
        table.add_column(justify="right" if column.numeric else "left", overflow="fold")
    rows = zip(*((column.title, *column.texts) for column in columns), strict=True)
    for texts, style in zip(rows, styles, strict=True):
        table.add_row(*(Text(text) for text in texts), style=style)
    console.print(table)
