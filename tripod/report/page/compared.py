"""What is found of two runs, or of several on each side, for the page that has them all."""

from __future__ import annotations

from collections.abc import Sequence

from tripod.report import compare, compare_text, interference, interference_text
from tripod.report.sheet import Sheet
from tripod.report.sides import NotComparableError, side
from tripod.runs.results import Run


def compared(sides: Sequence[Sequence[Run]]) -> tuple[Sheet | None, str | None]:
    """Return what `compare` finds of two sides, or why they cannot be compared; nothing of more or fewer.

    Of a run whose legs share one host and one whose legs do not it is what `interference` finds.
    """
    if len(sides) != 2:  # noqa: PLR2004 - a comparison has two
        return None, None
    try:
        return _found(*sides), None
    except NotComparableError as error:
        return None, str(error)


def _found(a: Sequence[Run], b: Sequence[Run]) -> Sheet:
    if len(a) == len(b) == 1 and _is_shared(a[0]) != _is_shared(b[0]):
        shared, apart = (a[0], b[0]) if _is_shared(a[0]) else (b[0], a[0])
        return interference_text.sheet(interference.make(shared, apart))
    return compare_text.sheet(compare.make(side(a, "A"), side(b, "B")))


def _is_shared(run: Run) -> bool:
    return run.hosts is not None and run.hosts["separation"] == interference.ONE_HOST
