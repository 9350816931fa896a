"""Compares two sides, of which one may be a write-up's published figures."""

from __future__ import annotations

from typing import Any

from tripod.report import compare, compare_published
from tripod.report.sides import NotComparableError, Side
from tripod.runs.formats.published import Published

Text = tuple[str, Published]
"""Published figures with their name."""


def make(
    a: Side | Text, b: Side | Text, *, across: bool = False, allowed_loss: float | None = None
) -> dict[str, Any]:
    """Return B compared with A, all as `compare.make` and `compare_published.make`.

    Raises:
        NotComparableError: if they do not fit; the message says what differs, or what to type.

    """
    if isinstance(a, Side) and isinstance(b, Side):
        return compare.make(a, b, across=across, allowed_loss=allowed_loss)
    if allowed_loss is not None:
        raise NotComparableError(
            "--fail-on-regression needs runs on both sides: published figures are from another machine, and "
            "have no trials; type: ./collect.py compare A B"
        )
    if isinstance(b, Side) and not isinstance(a, Side):
        return compare_published.make(a[1], a[0], b, "a")
    if isinstance(a, Side) and not isinstance(b, Side):
        return compare_published.make(b[1], b[0], a, "b")
    raise NotComparableError(
        "published figures have no trials, and nothing tells two of them apart; type: as one of the two "
        "a run's id, the beginning of one, latest, latest~1 or a path"
    )
