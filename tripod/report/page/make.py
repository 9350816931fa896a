"""Makes the page of a run, or of several side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from tripod.report import harmless
from tripod.report.latency import PERCENTILES
from tripod.report.page import assets, curves, embedding, shown, sides
from tripod.report.page.content import of_run
from tripod.report.sheet import Sheet
from tripod.runs.results import Run
from tripod.stats.quantiles import SHORTEST_FOR_TAIL_S

if TYPE_CHECKING:
    from jinja2 import Environment

Made = tuple[Run, Mapping[str, Any]]

BEGINNING = b"<!doctype html>"
"""What every page begins with."""


def page(made: Sequence[Made], comparison: Sheet | None = None, why_not: str | None = None) -> str:
    """Return the page, whole.

    Args:
        made: each run with its table; the first one is what others are set beside.
        comparison: what was found of them, or of one and published figures; None where nobody compared.
        why_not: why they cannot be compared.

    """
    runs = [
        of_run(run, told, f"run-{number}-" if len(made) > 1 else "")
        for number, (run, told) in enumerate(made, start=1)
    ]
    drawn = {
        "shares": curves.SHARES,
        "groups": {key: rows for run in runs for key, rows in run["drawn"].items()},
    }
    scripts = [*(library.script for library in assets.libraries()), assets.script()]
    styles = [assets.style(), assets.plot_style()]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            policy=embedding.policy(scripts, styles),
            style=assets.style(),
            scripts=scripts,
            data=embedding.json_for_script(_plain(drawn)),
            libraries=assets.libraries(),
            runs=runs,
            side_by_side=sides.side_by_side([told for _, told in made]) if len(made) > 1 else None,
            comparison=comparison,
            why_not=why_not,
            percentiles=list(PERCENTILES),
            shortest_for_tail_s=SHORTEST_FOR_TAIL_S,
            costs=list(shown.COSTS.values()),
        )
    )


@cache
def _environment() -> Environment:
    """Return the environment of the templates: every text is escaped, and what is not printed as itself, too.

    The filter `safe` marks what is no text of a result: scripts, styles, and data that `embedding` made.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - the table is quick without

    return Environment(
        loader=FileSystemLoader(assets.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )


def _harmless(value: object) -> object:
    return harmless.plain(value) if type(value) is str else value


def _plain(document: Any) -> Any:
    """Return what is drawn with every text harmless, names included: it is shown as it stands there."""
    if isinstance(document, Mapping):
        return {harmless.plain(key): _plain(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_plain(value) for value in document]
    return _harmless(document)
