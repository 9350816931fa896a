"""Which runs, or published figures, a command compares."""

from __future__ import annotations

from pathlib import Path

import click

from tripod.cli.place import Place
from tripod.report.comparing import Text
from tripod.report.sides import NotComparableError, Side, side
from tripod.runs import published
from tripod.runs.finding import find_run
from tripod.runs.results import Run, read_run


def one_run(place: Place, named: str) -> Run:
    """Return the run that is named."""
    return read_run(find_run(place.results, named))


def named_text(place: Place, named: str) -> Text | None:
    """Return the published figures that are named, with their name; None if it is runs that are named.

    Raises:
        RunNotFoundError: of a text that there is not.
        DamagedFileError: of one whose figures cannot be read.

    """
    if not named.startswith(published.PREFIX):
        return None
    text = named.removeprefix(published.PREFIX)
    return text, published.read(place.root, text)


def named_runs(place: Place, named: str) -> list[Path]:
    """Return the directories of the runs that are named, one or several separated by commas.

    Raises:
        RunNotFoundError: of a run that there is not.

    """
    # a path may have a comma in it
    names = [named] if Path(named).exists() else named.split(",")
    if not all(names):
        raise click.UsageError(f"'{named}' has a run without a name")
    return [find_run(place.results, name) for name in names]


def named_side(place: Place, named: str, name: str) -> Side | Text:
    """Return a side: runs, several of them separated by commas, or published figures with their name.

    Raises:
        RunNotFoundError: of a run or a text that there is not.
        DamagedFileError: of a run whose plan cannot be read.
        click.ClickException: if its runs do not fit together.

    """
    text = named_text(place, named)
    if text is not None:
        return text
    try:
        return side([read_run(path) for path in named_runs(place, named)], name)
    except NotComparableError as error:
        raise click.ClickException(str(error)) from None
