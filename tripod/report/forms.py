"""The table as Markdown, CSV and JSON; the terminal's is in `tripod.report.terminal`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from tripod.report import header
from tripod.report.columns import COLUMNS, Column, split_constant


def markdown(table: Mapping[str, Any]) -> str:
    """Return the table as a page of Markdown."""
    columns, _ = split_constant(table["rows"])
    lines = [f"# {header.title(table)}", ""]
    facts = header.facts(table)
    for index, (label, text) in enumerate(facts):
        continues = index + 1 < len(facts) and not facts[index + 1][0]
        start = f"- {label}: " if label else "  "
        lines.append(f"{start}{_escape(text)}{';' if continues else ''}")
    for heading, rows in header.groups(table["rows"]):
        lines += ["", f"## {heading}", "", _line([_escape(column.heading) for column in columns])]
        lines.append(_line(["---:" if column.numeric else "---" for column in columns]))
        lines += [_line([_cell(column, column.text(row)) for column in columns]) for row in rows]
    notes = header.notes(table)
    if notes:
        lines += ["", *(f"- {_escape(note)}" for note in notes)]
    return "\n".join(lines) + "\n"


def comma_separated(table: Mapping[str, Any]) -> str:
    """Return one line per cell with every column, under the keys of summary.json, numbers in full."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.key.replace(".", "_") for column in COLUMNS])
    writer.writerows([column.machine_text(row) for column in COLUMNS] for row in table["rows"])
    return text.getvalue()


def to_json(table: Mapping[str, Any]) -> str:
    """Return the table as it stands in summary.json."""
    return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: Column, text: str) -> str:
    # a bar ends a cell of a table even inside backquotes
    return f"`{text}`".replace("|", "\\|") if column.key == "command" else _escape(text)


def _escape(text: str) -> str:
    for character in "\\|*_<`":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")
