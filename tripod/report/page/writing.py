"""Writes the page of a run, or of several, as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tripod.report import table
from tripod.report.page import make
from tripod.runs import files
from tripod.runs.results import Run

NAME = "report.html"


def write(path: Path, runs: Sequence[Run]) -> None:
    """Write the page of these runs, whole or not at all.

    Raises:
        OSError: if it cannot be written.

    """
    files.write(path, make.page([(run, table.make(run)) for run in runs]))


def write_into(run: Run, made: Mapping[str, Any]) -> Path:
    """Write the page of a run into its directory, from the table that was made of it, and return its path.

    Raises:
        OSError: if it cannot be written.

    """
    path = run.path / NAME
    files.write(path, make.page([(run, made)]))
    return path
