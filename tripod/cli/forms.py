"""The option `--format` of commands that make a page, and the page in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from tripod.cli.printing import console, is_read_by_a_person, say
from tripod.report import harmless
from tripod.report.sheet import Sheet, markdown, print_sheet

TERMINAL, MARKDOWN, CSV, JSON = "terminal", "markdown", "csv", "json"

with_form = click.option(
    "--format",
    "form",
    type=click.Choice([TERMINAL, MARKDOWN, CSV, JSON]),
    default=TERMINAL,
    show_default=True,
)


def show(
    made: Mapping[str, Any],
    form: str,
    *,
    sheet: Callable[[Mapping[str, Any]], Sheet],
    to_csv: Callable[[Mapping[str, Any]], str],
) -> None:
    """Print what was made: JSON as it is, CSV by `to_csv`, the rest as the `sheet` that is made of it."""
    if form == JSON:
        say(harmless.json_text(made))
    elif form == CSV:
        say(to_csv(made))
    elif form == MARKDOWN:
        say(markdown(sheet(made)))
    else:
        page = console()
        # one line for each row where no terminal is there that would break them
        print_sheet(sheet(made), page, width=page.width if is_read_by_a_person() else None)
