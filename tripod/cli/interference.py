"""`collect.py interference`: what it costs that load, app and database share one machine."""

from __future__ import annotations

import click

from tripod.cli.forms import show, with_form
from tripod.cli.place import Place, placed_results
from tripod.cli.sides import one_run
from tripod.report import interference, interference_text
from tripod.report.sides import NotComparableError


@click.command("interference", short_help="Say what it costs that load, app and database share one machine.")
@click.argument("one_host_run", metavar="ONE-HOST-RUN")
@click.argument("apart_run", metavar="APART-RUN")
@with_form
@placed_results
@click.pass_obj
def command(place: Place, *, one_host_run: str, apart_run: str, form: str) -> int:
    """Say for each cell what sharing one machine costs, and whether it changes the order.

    The runs have the same loads and as many cores for the app; `make interference` makes them, a block of
    each in turn. Each is named by its id, the beginning of one, latest, latest~1 or a path.
    """
    try:
        made = interference.make(one_run(place, one_host_run), one_run(place, apart_run))
    except NotComparableError as error:
        raise click.ClickException(str(error)) from None
    show(made, form, sheet=interference_text.sheet, to_csv=interference_text.to_csv)
    return 0
