"""`collect.py compare`: two runs, or several runs a side, or a run and a write-up's published figures."""

from __future__ import annotations

import re

import click

from tripod.cli.forms import show, with_form
from tripod.cli.place import Place, placed_results
from tripod.cli.sides import named_side
from tripod.report import compare, compare_text, comparing
from tripod.report.sides import NotComparableError

_SHARE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,3})?)\s?%", re.ASCII)


def _share(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """Return the share that is written as a percentage."""
    if value is None:
        return None
    found = _SHARE.fullmatch(value)
    if not found:
        why = f"'{value}' is no share; allowed: 0% to 99.999%, such as 5%"
        raise click.BadParameter(why, context, parameter)
    return float(found[1]) / 100


@click.command("compare", short_help="Compare two runs, or a run and a write-up's published figures.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--across", is_flag=True, help="Although the legs of the two stand otherwise.")
@click.option(
    "--fail-on-regression",
    "allowed_loss",
    callback=_share,
    metavar="SHARE",
    help="Exit with 3 if a cell surely lost more than this, e.g. 5%; with 2 if no cell can be judged.",
)
@with_form
@placed_results
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    place: Place, *, a: str, b: str, across: bool, allowed_loss: float | None, form: str
) -> int:
    """Compare B with A, cell by cell, beside what all cells have in common.

    Each is a run (its id, the beginning of one, latest, latest~1 or a path), several runs of the same thing
    separated by commas, or published:poc, published:quotes or published:original.
    """
    sides = named_side(place, a, "A"), named_side(place, b, "B")
    try:
        made = comparing.make(*sides, across=across, allowed_loss=allowed_loss)
    except NotComparableError as error:
        raise click.ClickException(str(error)) from None
    show(made, form, sheet=compare_text.sheet, to_csv=compare_text.to_csv)
    return compare.exit_code(made)
