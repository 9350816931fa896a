"""`collect.py latency`: how long requests took, by percentiles per route, and as a histogram."""

from __future__ import annotations

import click

from tripod.cli.cells import chosen
from tripod.cli.place import Place, placed
from tripod.cli.printing import console
from tripod.report import latency, rows
from tripod.runs.results import cells_of, read_run


@click.command("latency", short_help="Print percentiles per route and a histogram.")
@click.argument("cells", metavar="CELL [CELL ...]", nargs=-1, required=True)
@placed
@click.pass_obj
def command(place: Place, *, cells: tuple[str, ...]) -> int:
    """Print how long the requests of each CELL took: percentiles up to the p99.9 per route, and a histogram.

    A CELL is the number of a row, a name, or a glob. Trials are merged by their grids of quantiles, each
    weighted by its requests; a percentile is there if ten values or more lie beyond it.
    """
    run = read_run(place.run_dir())
    names = chosen(cells, rows.numbered(run), place, "latency CELL")
    found = {str(cell.planned["cell"]): cell for cell in cells_of(run)}
    latency.of_cells(found, names, console())
    return 0
