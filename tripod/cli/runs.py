"""`collect.py runs`: the list of runs."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from tripod.cli.place import Place, placed
from tripod.cli.printing import console, say
from tripod.report import harmless
from tripod.runs.finding import run_paths
from tripod.runs.listing import describe


@click.command("runs")
@placed
@click.pass_obj
def command(place: Place) -> int:
    """List the runs, oldest first, or the one that is named."""
    found = place.run_dir()  # says so if there is none, and what to type
    lines = Table("run", "matrix", "planned at", "trials", "measured", "outcome", box=None, pad_edge=False)
    for path in [found] if place.run_id else run_paths(place.results):
        run = describe(path, place.root)
        texts = (run.run_id, run.matrix, run.created_at, str(run.planned), str(run.measured), run.outcome)
        lines.add_row(*(Text(harmless.terminal(text)) for text in texts))
    page = console()
    with page.capture() as printed:
        page.print(lines)
    # rich fills the last column up with blanks
    say("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))
    return 0
