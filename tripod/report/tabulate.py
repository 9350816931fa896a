"""The table stage: reads a run and writes summary.json, table.md and table.csv into it.

These three are made from the run's other files, and are the only ones that are ever written a second time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tripod.report import forms, table
from tripod.runs import files
from tripod.runs.results import read_run


def tabulate(run_dir: Path) -> dict[str, Any]:
    """Return the table of the run without writing anything.

    Raises:
        DamagedFileError: if its plan.json cannot be used.

    """
    return table.make(read_run(run_dir))


def write_tables(run_dir: Path) -> dict[str, Any]:
    """Tabulate the run and write the tables into it; `table.exit_code` tells how the stage ends.

    Raises:
        DamagedFileError: if plan.json cannot be used.

    """
    return write(run_dir, tabulate(run_dir))


def write(run_dir: Path, made: dict[str, Any]) -> dict[str, Any]:
    """Write summary.json, table.md and table.csv, each whole or not at all, and return the table."""
    for name, text in (
        ("summary.json", forms.to_json(made)),
        ("table.md", forms.markdown(made)),
        ("table.csv", forms.comma_separated(made)),
    ):
        files.write(run_dir / name, text)
    return made
