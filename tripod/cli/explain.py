"""`collect.py explain`: why a row is as fast as it is, or why two differ."""

from __future__ import annotations

import click

from tripod.cli.cells import one
from tripod.cli.place import Place, placed
from tripod.cli.printing import say
from tripod.report import explain, harmless, rows
from tripod.runs.results import cells_of, read_run


@click.command("explain", short_help="Say why a row is as fast as it is, or why two differ.")
@click.argument("cell")
@click.argument("other", required=False)
@placed
@click.pass_obj
def command(place: Place, *, cell: str, other: str | None) -> int:
    """Say in sentences with figures why a CELL is as fast as it is and what would make it faster.

    With OTHER, a second cell: why the two differ. Either is the number of a row, a name, or a glob.
    """
    run = read_run(place.run_dir())
    cells = {str(found.planned["cell"]): found for found in cells_of(run)}
    numbered = rows.numbered(run)
    first, *others = (one(word, numbered, place, "explain CELL") for word in (cell, other) if word)
    told = (
        explain.two_of(rows.groups(run), cells, (first, others[0])) if others else explain.one(cells[first])
    )
    for sentence in told:
        say(f"{harmless.terminal(sentence)}\n")
    return 0
