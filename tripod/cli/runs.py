"""`collect.py runs`: the list of runs."""

from __future__ import annotations

import click
from rich.table import Table

from tripod.cli.place import Place, console, placed
from tripod.runs.listing import list_runs


@click.command("runs")
@placed
@click.pass_obj
def command(place: Place) -> int:
    """List the runs, oldest first."""
    runs = list_runs(place.results)
    if not runs:
        place.run_dir()  # says that there is none, and what to type
    lines = Table("run", "matrix", "planned at", "trials", "measured", "outcome", box=None, pad_edge=False)
    for run in runs:
        lines.add_row(
            run.run_id, run.matrix, run.created_at, str(run.planned), str(run.measured), run.outcome
        )
    console().print(lines)
    return 0
