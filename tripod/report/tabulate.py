"""The table stage: reads a run and writes summary.json, table.md and table.csv into it.

These three are made from the run's other files, and are the only ones that are ever written a second time.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from tripod.report import tables
from tripod.report.rows import exit_code, summarise
from tripod.runs.results import read_run

__all__ = ["exit_code", "tabulate", "write_tables"]


def tabulate(run_dir: Path) -> dict[str, Any]:
    """Return the summary of the run without writing anything.

    Raises:
        DamagedFileError: if its plan.json cannot be used.

    """
    return summarise(read_run(run_dir))


def write_tables(run_dir: Path) -> dict[str, Any]:
    """Write summary.json, table.md and table.csv, each whole or not at all, and return the summary.

    `exit_code` of this module tells how the stage ends.

    Raises:
        DamagedFileError: if plan.json cannot be used.

    """
    summary = tabulate(run_dir)
    for name, text in (
        ("summary.json", tables.to_json(summary)),
        ("table.md", tables.markdown(summary)),
        ("table.csv", tables.comma_separated(summary)),
    ):
        _write_whole(run_dir / name, text)
    return summary


def _write_whole(path: Path, text: str) -> None:
    """Replace the file in one step: a reader sees the old text or the new."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
