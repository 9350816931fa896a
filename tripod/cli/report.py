"""`collect.py report`: a run, or several side by side, as one HTML page."""

from __future__ import annotations

from pathlib import Path

import click

from tripod.cli.place import Place, placed
from tripod.cli.printing import say
from tripod.report import harmless
from tripod.report.page import writing
from tripod.runs.finding import find_run
from tripod.runs.results import read_run


@click.command("report", short_help="Write a run, or several side by side, as one HTML page.")
@click.argument("runs", nargs=-1, metavar="[RUN …]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page; default: report.html in the run, or in the results where there are several runs.",
)
@placed
@click.pass_obj
def command(place: Place, *, runs: tuple[str, ...], output: Path | None) -> int:
    """Write one HTML page that opens from disk and fetches nothing: of RUN (default: latest), or of several.

    The figures of several runs stand side by side, in the order in which the runs are named.
    """
    paths = [find_run(place.results, name) for name in runs] or [place.run_dir()]
    twice = [path.name for at, path in enumerate(paths) if path in paths[:at]]
    if twice:
        raise click.UsageError(f"run {twice[0]} is named twice, allowed: each run once")
    page = output or (paths[0] if len(paths) == 1 else place.results) / writing.NAME
    writing.write(page, [read_run(path) for path in paths])
    say(f"{harmless.terminal(str(page))}\n")
    return 0
