"""Which runs, or published figures, a command compares."""

from __future__ import annotations

from pathlib import Path

import click

from tripod.cli.place import Place
from tripod.report.sides import NotComparableError, Side, side
from tripod.runs import published
from tripod.runs.finding import find_run
from tripod.runs.formats.published import Published
from tripod.runs.results import Run, read_run

NamedSide = Side | tuple[str, Published]

RUNS = "a run's id, the beginning of one, latest, latest~1 or a path"


def one_run(place: Place, named: str) -> Run:
    """Return the run that is named."""
    return read_run(find_run(place.results, named))


def named_side(place: Place, named: str, name: str) -> NamedSide:
    """Return a side: runs, several of them separated by commas, or published figures with their name.

    Raises:
        RunNotFoundError: of a run or a text that there is not.
        DamagedFileError: of a run whose plan cannot be read.
        click.ClickException: if its runs do not fit together.

    """
    if named.startswith(published.PREFIX):
        text = named.removeprefix(published.PREFIX)
        return text, published.read(place.root, text)
    # a path may have a comma in it
    names = [named] if Path(named).exists() else named.split(",")
    if not all(names):
        raise click.UsageError(f"'{named}' has a run without a name")
    try:
        return side([one_run(place, one) for one in names], name)
    except NotComparableError as error:
        raise click.ClickException(str(error)) from None
