"""The table as Markdown, CSV and JSON; the terminal's is in `tripod.report.terminal`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from tripod.report import harmless, header
from tripod.report.columns import Column, Row, columns_of, split_constant


def markdown(table: Mapping[str, Any]) -> str:
    """Return the table as a page of Markdown."""
    columns, _ = split_constant(table["rows"])
    lines = [f"# {harmless.markdown(header.title(table))}", ""]
    facts = header.facts(table)
    for index, (label, text) in enumerate(facts):
        continues = index + 1 < len(facts) and not facts[index + 1][0]
        start = f"- {label}: " if label else "  "
        lines.append(f"{start}{harmless.markdown(text)}{';' if continues else ''}")
    for heading, rows in header.groups(table["rows"]):
        lines += ["", f"## {harmless.markdown(heading)}", ""]
        lines.append(_line([column.heading for column in columns]))
        lines.append(_line(["---:" if column.numeric else "---" for column in columns]))
        lines += [_line([_cell(column, column.text(row)) for column in columns]) for row in rows]
    for title, sentences in (("Findings", header.findings(table)), ("Claims", header.claims(table))):
        if sentences:
            lines += ["", f"**{title}**", "", *(f"- {harmless.markdown(one)}" for one in sentences)]
    notes = header.notes(table)
    if notes:
        lines += ["", "**Notes**", "", *(f"- {harmless.markdown(note)}" for note in notes)]
    return "\n".join(lines) + "\n"


def comma_separated(table: Mapping[str, Any]) -> str:
    """Return one line per cell with every column, under the keys of summary.json, numbers in full."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = columns_of(table["rows"])
    writer.writerow([column.key.replace(".", "_") for column in columns])
    writer.writerows([_value(column, row) for column in columns] for row in table["rows"])
    return text.getvalue()


def to_json(table: Mapping[str, Any]) -> str:
    """Return the table as it stands in summary.json."""
    return harmless.json_text(table)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: Column, text: str) -> str:
    return harmless.markdown_code(text) if column.key == "command" else harmless.markdown(text)


def _value(column: Column, row: Row) -> str:
    text = column.machine_text(row)
    return text if column.numeric else harmless.comma_separated(text)
