"""How verdicts stand in the table: "at least", what voids, what limited, and what could not be judged."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from rich.console import Console
from run_files import RunFiles, cell

from tripod.report import forms, header
from tripod.report.tabulate import tabulate
from tripod.report.terminal import print_table
from tripod.stats.figures import from_k6_summary

SYNC, UVICORN, WORKER = cell("sync-gunicorn"), cell("async-uvicorn"), cell("async-worker")


@pytest.fixture
def table(run_files: RunFiles) -> dict[str, Any]:
    """Return the table of a capped row, one with errors, and a sound one, of a run without telemetry."""
    run_files.plan([SYNC, UVICORN, WORKER])
    for known, rps, failed in ((SYNC, 70, 0), (UVICORN, 224, 0), (WORKER, 230, 3)):
        run_files.trial(f"{known['cell']}-r1", rps=rps, failed=failed)
    return tabulate(run_files.path)


def terminal(table: dict[str, Any]) -> str:
    """Return the terminal's table."""
    console = Console(file=io.StringIO(), width=200)
    print_table(table, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_bound_rate_is_at_least(table: dict[str, Any]) -> None:
    """People see it beside the rate of the bound row and of no other; a spreadsheet gets the number alone."""
    for text in (terminal(table), forms.markdown(table)):
        assert "≥ 224.0" in text
        assert text.count("≥") == 1
    lines = csv.DictReader(io.StringIO(forms.comma_separated(table)))
    assert {float(line["rps"]) for line in lines} == {70.0, 224.0, 230.0}


def test_each_row_says_what_limited_it(table: dict[str, Any]) -> None:
    """The load at its ceiling, errors, and where no telemetry tells, `unknown`; the evidence is beside it."""
    by = {row["stack"]: row["limited_by"] for row in table["rows"]}
    assert by == {"sync-gunicorn": "unknown", "async-uvicorn": "load model", "async-worker": "errors"}
    assert all(row["limited_by_evidence"] for row in table["rows"])
    text = terminal(table)
    assert all(name in text for name in by.values())


def test_void_rows_stand_below_with_what_voided_them(table: dict[str, Any]) -> None:
    """However fast, the row with errors is last, and its reason stands in it."""
    assert table["rows"][-1]["void"] == ["errors"]
    last = [line for line in forms.markdown(table).splitlines() if line.startswith("| ")][-1]
    assert "| errors" in last


def test_what_was_not_judged_is_named_below_the_table(table: dict[str, Any]) -> None:
    """Codes that lacked the same are told together, with what they need and of how many rows."""
    notes = [note for note in header.notes(table) if note.startswith("not judged in ")]
    named = {code for note in notes for code in note.split(": ", 1)[1].split(" (needs ")[0].split(", ")}
    assert named == {code for row in table["rows"] for code in row["not_judged"]}
    assert "steal" in named
    assert any(note.startswith("not judged in any row: ") for note in notes)
    assert any(note.startswith("not judged in 1 of 3 rows: capped") for note in notes)


def test_a_failed_row_is_limited_by_nothing(run_files: RunFiles) -> None:
    """Nothing was measured, so nothing is said of it but why."""
    run_files.plan([SYNC])
    run_files.failed_trial(f"{SYNC['cell']}-r1", "app-gone")
    (row,) = tabulate(run_files.path)["rows"]
    assert (row["limited_by"], row["limited_by_evidence"], row["model_rps"]) == (None, None, None)
    assert (row["void"], row["bound"], row["notes"], row["reasons"]) == ([], [], [], ["app-gone"])


def test_the_parts_of_the_window_are_all_of_it(k6_summary: dict[str, Any]) -> None:
    """What the real k6 counted in ten parts is what it counted in the window; without them there are none."""
    figures = from_k6_summary(k6_summary)
    assert figures.parts
    assert (len(figures.parts), sum(figures.parts)) == (10, figures.ok_requests)
    assert figures.ok_requests > 0
    earlier = {name: metric for name, metric in k6_summary["metrics"].items() if "{part:" not in name}
    assert from_k6_summary({**k6_summary, "metrics": earlier}).parts is None
