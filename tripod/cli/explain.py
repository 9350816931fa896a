"""`collect.py explain`: why a row is as fast as it is, or why two differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from tripod.cli.cells import one
from tripod.cli.place import Place, placed
from tripod.cli.printing import say
from tripod.report import explain, harmless, rows
from tripod.report.order import Group
from tripod.runs.results import cells_of, read_run
from tripod.verdicts.evidence import Cell


@click.command("explain", short_help="Say why a row is as fast as it is, or why two differ.")
@click.argument("cell")
@click.argument("other", required=False)
@placed
@click.pass_obj
def command(place: Place, *, cell: str, other: str | None) -> int:
    """Say in sentences with figures why a CELL is as fast as it is and what would make it faster.

    With OTHER, a second cell: why the two differ. Either is the number of a row, a name, or a glob.
    """
    run_dir = place.run_dir()
    run = read_run(run_dir)
    cells = {str(found.planned["cell"]): found for found in cells_of(run)}
    numbered = rows.numbered(run)
    first, *others = (one(word, numbered, run_dir.name, "explain CELL") for word in (cell, other) if word)
    told = _two(rows.groups(run), cells, (first, others[0])) if others else explain.one(cells[first])
    for sentence in told:
        say(f"{harmless.terminal(sentence)}\n")
    return 0


def _two(groups: Sequence[Group], cells: Mapping[str, Cell], names: tuple[str, str]) -> tuple[str, ...]:
    both = cells[names[0]], cells[names[1]]
    group = next((group for group in groups if group.ratio(*names)), None)
    if group is None:
        return explain.two(*both)
    compared = group.compared(*names)
    told_apart = compared.told_apart if compared else None
    return explain.two(*both, group.ratio(*names), told_apart=told_apart, latency=group.latency)
