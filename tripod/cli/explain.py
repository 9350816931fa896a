"""`collect.py explain`: why a row is as fast as it is, or why two differ."""

from __future__ import annotations

import click

from tripod.cli.cells import no_such
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

    With OTHER, a second cell: why the two differ.
    """
    run_dir = place.run_dir()
    run = read_run(run_dir)
    cells = {str(found.planned["cell"]): found for found in cells_of(run)}
    for name in filter(None, (cell, other)):
        if name not in cells:
            raise no_such(name, list(cells), run_dir.name, "explain CELL")
    if other:
        ratios = (group.ratio(cell, other) for group in rows.groups(run))
        told = explain.two(cells[cell], cells[other], next(filter(None, ratios), None))
    else:
        told = explain.one(cells[cell])
    for sentence in told:
        say(f"{harmless.terminal(sentence)}\n")
    return 0
