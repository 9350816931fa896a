"""What is found of two runs, or of several on each side, for the page that has them all."""

from __future__ import annotations

from collections.abc import Sequence

from tripod.report import compare_text, comparing, interference, interference_text
from tripod.report.comparing import Text
from tripod.report.sheet import Sheet
from tripod.report.sides import NotComparableError, Side, side
from tripod.runs.results import Run

PageSide = list[Run] | Text
"""What a page sets beside something else: runs, or a write-up's published figures."""


def compared(sides: Sequence[PageSide]) -> tuple[Sheet | None, str | None]:
    """Return what `compare` finds of two sides, or why they cannot be compared; nothing of more or fewer.

    Of a run whose legs share one host and one whose legs do not it is what `interference` finds.
    """
    if len(sides) != 2:  # noqa: PLR2004 - a comparison has two
        return None, None
    try:
        return _found(*sides), None
    except NotComparableError as error:
        return None, str(error)


def _found(a: PageSide, b: PageSide) -> Sheet:
    of_sharing = _of_sharing(a, b)
    if of_sharing:
        return interference_text.sheet(interference.make(*of_sharing))
    return compare_text.sheet(comparing.make(_side(a, "A"), _side(b, "B")))


def _of_sharing(a: PageSide, b: PageSide) -> tuple[Run, Run] | None:
    """Return the run whose legs share a host and the one whose legs do not; None of any other two sides."""
    runs = [side[0] for side in (a, b) if isinstance(side, list) and len(side) == 1]
    shared = [run for run in runs if _is_shared(run)]
    apart = [run for run in runs if not _is_shared(run)]
    return (shared[0], apart[0]) if shared and apart else None


def _side(given: PageSide, name: str) -> Side | Text:
    return side(given, name) if isinstance(given, list) else given


def _is_shared(run: Run) -> bool:
    return run.hosts is not None and run.hosts["separation"] == interference.ONE_HOST
