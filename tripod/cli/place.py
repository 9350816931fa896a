"""Which run a command is about, and the options that say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tripod.runs.finding import find_run

_QUIET: dict[str, Any] = {"expose_value": False, "is_eager": True}


class Place:
    """The run that the command is about."""

    def __init__(self, root: Path) -> None:
        """Start from the checkout's `results/` and the latest run."""
        self.root = root
        self.results = root / "results"
        self.run_id: str | None = None

    def run_dir(self) -> Path:
        """Return the run's directory; raises RunNotFoundError."""
        return find_run(self.results, self.run_id)


def placed(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say which run is meant, before or after the command's name."""

    def note_run(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.obj.run_id = value

    with_run = click.option(
        "--run",
        metavar="ID",
        callback=note_run,
        help="The run, the beginning of its name, latest~1, or its path; default: latest.",
        **_QUIET,
    )
    return with_run(placed_results(command))


def placed_results(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the option that says where runs are; it names those that it is about by itself."""

    def note_results(context: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.obj.results = value

    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    with_results = click.option(
        "--results", metavar="DIR", type=folder, callback=note_results, help="Default: results/.", **_QUIET
    )
    return with_results(command)
