"""`collect.py table`: the table of a run, in one of its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tripod.cli.place import Place, placed
from tripod.cli.printing import console, say
from tripod.report import forms
from tripod.report.table import exit_code
from tripod.report.tabulate import tabulate, write_tables
from tripod.report.terminal import print_table

TERMINAL = "terminal"
_WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "markdown": forms.markdown,
    "csv": forms.comma_separated,
    "json": forms.to_json,
}


@click.command("table")
@click.option(
    "--format", "form", type=click.Choice([TERMINAL, *_WRITERS]), default=TERMINAL, show_default=True
)
@click.option(
    "--write", is_flag=True, help="Also write summary.json, table.md, table.csv and report.html into the run."
)
@placed
@click.pass_obj
def command(place: Place, *, form: str, write: bool) -> int:
    """Tabulate what the controller has of the run."""
    run_dir = place.run_dir()
    return show(write_tables(run_dir) if write else tabulate(run_dir), form)


def show(table: dict[str, Any], form: str = TERMINAL) -> int:
    """Print the table and return the exit code that it asks for."""
    if form == TERMINAL:
        print_table(table, console())
    else:
        say(_WRITERS[form](table))
    return exit_code(table)
