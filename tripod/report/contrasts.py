"""Answers the contrasts of a run: confirmed, contradicted, or cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.report.order import Group, Row, group_of, has_place
from tripod.stats.contrasts import Ratio
from tripod.stats.intervals import Interval
from tripod.verdicts.failures import NOT_RUN

CONFIRMED, CONTRADICTED, UNTOLD = "confirmed", "contradicted", "cannot-be-told"


def in_words(answer: str) -> str:
    """Return an answer as people read it."""
    return answer.replace("-", " ")


def answer(planned: Sequence[Mapping[str, Any]], groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Return the answers as summary.json has them; all their intervals together hold in 95 % of runs.

    Args:
        planned: the contrasts of the plan.
        groups: the run's rows.

    """
    ratios = [_ratio(contrast["cells"], groups) for contrast in planned]
    several = len([ratio for ratio in ratios if ratio])
    return [
        _answer(contrast, ratio, groups, several) for contrast, ratio in zip(planned, ratios, strict=True)
    ]


def _ratio(cells: Sequence[str], groups: Sequence[Group]) -> Ratio | None:
    return next((ratio for group in groups if (ratio := group.ratio(*cells))), None)


def _answer(
    contrast: Mapping[str, Any], ratio: Ratio | None, groups: Sequence[Group], several: int
) -> dict[str, Any]:
    interval = ratio.among(several) if ratio else None
    rows = {row["cell"]: row for group in groups for row in group.rows}
    first, second = (rows[cell] for cell in contrast["cells"])
    found, why = UNTOLD, _why_not(first, second, ratio)
    if interval and not why:
        found = _judged(contrast, _opened(interval, first, second))
        why = _undecided(first, second) if found == UNTOLD else None
    return {
        "claim": contrast["claim"],
        "answer": found,
        "ratio": ratio.value if ratio else None,
        "interval": [interval.low, interval.high] if interval else None,
        "cells": list(contrast["cells"]),
        "why": why,
    }


def _why_not(first: Row, second: Row, ratio: Ratio | None) -> str | None:
    """Return what keeps the two from being compared at all; None if nothing does."""
    if why := next(filter(None, map(_why_no_rate, (first, second))), None):
        return why
    if group_of(first) != group_of(second):
        return "they met other loads, such as another number of users"
    if ratio is None:
        return "fewer than two blocks have a good trial of both"
    if not has_place(first) and not has_place(second):
        return "the load set both rates"
    return None


def _why_no_rate(row: Row) -> str | None:
    """Return why the rate of a row is none that a claim can be judged by; None if it is one."""
    if row["status"] == "failed":
        return f"{row['cell']} {'was not measured' if row['reasons'] == [NOT_RUN.code] else 'has failed'}"
    if row["void"]:
        return f"{row['cell']} is void: {', '.join(row['void'])}"
    if row["service_level"] is not None:
        return "the load offers the rate, which shows nothing"
    return f"a trial of {row['cell']} answered nothing in its window" if 0 in row["rps_per_trial"] else None


def _opened(interval: Interval, first: Row, second: Row) -> tuple[float, float]:
    """Return the ratios that are possible: without an end where the load held one of the rates down."""
    low = interval.low if has_place(second) else 0.0
    high = interval.high if has_place(first) else float("inf")
    return low, high


def _judged(contrast: Mapping[str, Any], possible: tuple[float, float]) -> str:
    low, high = possible
    least, most = contrast["by"], float("inf")
    if contrast["within"] is not None:
        least, most = 1 / (1 + contrast["within"]), 1 + contrast["within"]
    if least <= low and high <= most:
        return CONFIRMED
    return CONTRADICTED if high < least or low > most else UNTOLD


def _undecided(first: Row, second: Row) -> str:
    for row in (first, second):
        if not has_place(row):
            return f"the load set the rate of {row['cell']}, which may be higher"
    return "the interval allows both"
