"""Writes the page of a run, or of several, as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tripod.report import table
from tripod.report.page import make
from tripod.report.page.compared import PageSide, compared
from tripod.runs import files
from tripod.runs.results import Run

NAME = "report.html"


def write(path: Path, sides: Sequence[PageSide]) -> str | None:
    """Write the page of these runs, whole or not at all, and return why two sides were not compared.

    Raises:
        OSError: if it cannot be written.

    """
    found, why_not = compared(sides)
    made = [(run, table.make(run)) for side in sides if isinstance(side, list) for run in side]
    files.write(path, make.page(made, found, why_not))
    return why_not


def write_into(run: Run, made: Mapping[str, Any]) -> Path:
    """Write the page of a run into its directory, from the table that was made of it, and return its path.

    Raises:
        OSError: if it cannot be written.

    """
    path = run.path / NAME
    files.write(path, make.page([(run, made)]))
    return path
