"""The table as Markdown, CSV and JSON; the terminal's is in `tripod.report.terminal`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue.legs import LEGS
from tripod.report import harmless, header
from tripod.report.choosing import name_of
from tripod.report.columns import Column, Row, columns_of, split_constant


def markdown(table: Mapping[str, Any], chosen: Sequence[Column] | None = None) -> str:
    """Return the table as a page of Markdown, with the chosen columns, or all that tell rows apart."""
    columns = list(chosen) if chosen is not None else split_constant(table["rows"])[0]
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


def comma_separated(table: Mapping[str, Any], chosen: Sequence[Column] | None = None) -> str:
    """Return one line per cell, under the keys of summary.json, numbers in full.

    Each line begins with what is the same in all of them, so that lines of several runs can stand in one
    file: run, hosts, versions. The columns are the chosen ones, or all but those of another kind of database.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = chosen if chosen is not None else _own(columns_of(table["rows"]), table["rows"])
    same = {} if chosen is not None else _same_in_all(table)
    writer.writerow([*same, *(name_of(column) for column in columns)])
    told = [harmless.comma_separated(value) for value in same.values()]
    writer.writerows([*told, *(_value(column, row) for column in columns)] for row in table["rows"])
    return text.getvalue()


def _same_in_all(table: Mapping[str, Any]) -> dict[str, str]:
    """Return what tells this run from others: its name, its hosts, and what it was made with."""
    hosts = {leg: [host["host"] for host in table["hosts"] if leg in host["legs"]] for leg in LEGS}
    return {
        "run": table["run_id"],
        "matrix": table["matrix"],
        **{f"{leg}_host": " ".join(names) for leg, names in hosts.items()},
        "separation": table["separation"] or "",
        "k6_version": " ".join(version.split(" (")[0] for version in table["k6_versions"]),
        "database_version": " ".join(table["database_versions"]),
        "commit": table["git"]["commit"] or "",
    }


def _own(columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """Return the columns without those of another kind of database, which no row could fill."""
    kinds = {row["database"] for row in rows}
    return [column for column in columns if not rows or column.only_on is None or column.only_on in kinds]


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
