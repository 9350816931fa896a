"""`collect.py table`: the table of a run, in one of its forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from tripod.cli.cells import chosen
from tripod.cli.place import Place, placed
from tripod.cli.printing import console, is_read_by_a_person, say
from tripod.report import choosing, forms
from tripod.report.columns import Column
from tripod.report.table import exit_code
from tripod.report.tabulate import tabulate, write_tables
from tripod.report.terminal import print_table

TERMINAL = "terminal"
JSON = "json"
_WRITERS: dict[str, Callable[[dict[str, Any], Sequence[Column] | None], str]] = {
    "markdown": forms.markdown,
    "csv": forms.comma_separated,
}
_FORMS = (TERMINAL, *_WRITERS, JSON)


@click.command("table")
@click.argument("cells", metavar="[CELL ...]", nargs=-1)
@click.option("--format", "form", type=click.Choice(_FORMS), default=TERMINAL, show_default=True)
@click.option(
    "--columns",
    metavar="NAMES",
    help="Only these, separated by commas, as CSV or the headings name them: cell,rps,p95.",
)
@click.option("--sort", metavar="COLUMN", help="In the order of a column; -COLUMN: from the largest down.")
@click.option(
    "--filter",
    "conditions",
    metavar="CONDITION",
    multiple=True,
    help="Only rows of which this holds: 'rps>100', workers=2, reasons=errors, 'stack!=sync-*'.",
)
@click.option("--wide", is_flag=True, help="Each row on one line, with all columns.")
@click.option(
    "--write", is_flag=True, help="Also write summary.json, table.md, table.csv and report.html into the run."
)
@placed
@click.pass_obj
def command(
    place: Place,
    /,
    *,
    cells: tuple[str, ...],
    form: str,
    write: bool,
    wide: bool,
    **asked: Any,
) -> int:
    """Tabulate what the controller has of the run, or of each CELL: the number of a row, a name, or a glob.

    Where no terminal is, each row is one line with all columns.
    """
    if asked["columns"] is not None and form == JSON:
        raise click.UsageError(f"--columns goes with --format {TERMINAL}, {', '.join(_WRITERS)}")
    run_dir = place.run_dir()
    table = write_tables(run_dir) if write else tabulate(run_dir)
    rows = table["rows"]
    if cells:
        numbered = {row["number"]: row["cell"] for row in rows}
        names = chosen(cells, numbered, place, "table")
        rows = [row for row in rows if row["cell"] in names]
    try:
        # a column is looked for in the whole table, however few rows are left
        known = choosing.Known(table["rows"])
        columns = known.columns(asked["columns"]) if asked["columns"] is not None else None
        for condition in asked["conditions"]:
            rows = known.filtered(rows, condition)
        if asked["sort"] is not None:
            rows = known.ordered(rows, asked["sort"], in_groups=form not in {"csv", JSON})
    except choosing.ChoiceError as error:
        raise click.UsageError(str(error)) from None
    show({**table, "rows": rows}, form, columns=columns, wide=wide)
    return exit_code(table)


def show(
    table: dict[str, Any],
    form: str = TERMINAL,
    *,
    columns: Sequence[Column] | None = None,
    wide: bool = False,
) -> int:
    """Print the table and return the exit code that it asks for."""
    if form == TERMINAL:
        print_table(table, console(), one_line=wide or not is_read_by_a_person(), columns=columns)
    elif form == JSON:
        say(forms.to_json(table))
    else:
        say(_WRITERS[form](table, columns))
    return exit_code(table)
