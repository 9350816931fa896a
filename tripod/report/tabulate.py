"""The table stage: reads a run and writes summary.json, table.md, table.csv and report.html into it.

These four are made from the run's other files, and are the only ones that are ever written a second time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tripod.report import forms, table
from tripod.report.page import writing
from tripod.runs import files
from tripod.runs.results import Run, read_run


def tabulate(run_dir: Path) -> dict[str, Any]:
    """Return the table of the run without writing anything.

    Raises:
        DamagedFileError: if its plan.json cannot be used.

    """
    return table.make(read_run(run_dir))


def write_tables(run_dir: Path) -> dict[str, Any]:
    """Tabulate the run and write the tables and the page into it; `table.exit_code` tells how the stage ends.

    Raises:
        DamagedFileError: if plan.json cannot be used.

    """
    return write(read_run(run_dir))


def write(run: Run) -> dict[str, Any]:
    """Write summary.json, table.md, table.csv and report.html, each whole or not at all; return the table."""
    made = table.make(run)
    for name, text in (
        ("summary.json", forms.to_json(made)),
        ("table.md", forms.markdown(made)),
        ("table.csv", forms.comma_separated(made)),
    ):
        files.write(run.path / name, text)
    writing.write_into(run, made)
    return made
