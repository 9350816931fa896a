"""Findings: the sentences that the rows of a run and their ratios support, and no others.

A ratio is claimed by the end of its interval that is nearer to 1, and the intervals of all pairs that a rule
chooses from hold together in 95 % of runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from tripod.catalogue.words import count
from tripod.report import names
from tripod.report.order import Group, Row, has_place, keeps_its_level
from tripod.stats.families import ALPHA
from tripod.stats.intervals import Interval
from tripod.verdicts.spread import WIDE_SPREAD

# Rows that differ by more may, for all that is known, are not said to make no difference.
_NO_DIFFERENCE = 0.1
_MOST_NAMES = 4


# kind → what makes such a sentence
KINDS = {
    "one-trial": "no row of the group has two good trials",
    "first": (
        "of the rows that have a place, twins left out, one has the first, and all intervals of its ratios "
        "to the others are above 1"
    ),
    "shared-first": "of these rows several share the first place",
    "load-limited": "rows are *bound*; the rate is that of the slowest of them",
    "faster": (
        "of a number of workers, the fastest row against the slowest, neither of wide spread nor a twin; the "
        "slowest not *bound*, and both told apart in the table; the lower end of the ratio's interval among "
        "all pairs of such rows"
    ),
    "workers-same": (
        "the same stack with fewer and more workers, where the interval of the ratio allows at most 10 %; "
        "what it allows is said, since that no difference was seen does not show that there is none"
    ),
    "workers-more": (
        "likewise, where more workers are faster, and told apart in the table: the lower end of the interval"
    ),
    "workers-fewer": "likewise, where fewer are",
    "void": "rows are *void*",
    "twins": "`-e aa=true`: whether the trials tell one cell under two names apart",
}


@dataclass(frozen=True)
class Finding:
    """A sentence, without its group.

    Attributes:
        kind: the rule that made it.
        sentence: as people read it, without a full stop.
        rows: that it is about.
        data: the figures in it.
        size: workers of all rows in it, for the brackets behind it.
        remark: likewise, what else is to be known.

    """

    kind: str
    sentence: str
    rows: Sequence[Row]
    data: Mapping[str, float | str | None] = field(default_factory=dict)
    size: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        """Refuse a kind that is not declared."""
        if self.kind not in KINDS:
            raise ValueError(f"finding {self.kind!r} is not in KINDS")


def make(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Return the findings as summary.json has them, group by group."""
    several = len({group.rows[0]["load"]["name"] for group in groups}) > 1
    return [
        {
            "sentence": _sentence(found, group, several=several),
            "kind": found.kind,
            "cells": [row["cell"] for row in found.rows],
            "data": dict(found.data),
        }
        for group in groups
        for rule in RULES
        for found in rule(group)
    ]


def _sentence(found: Finding, group: Group, *, several: bool) -> str:
    about = ", ".join(filter(None, [found.size, *names.where(group.rows[0], load=several)]))
    brackets = "; ".join(filter(None, [about, found.remark]))
    return f"{found.sentence} ({brackets})" if brackets else found.sentence


def _unrepeated(group: Group) -> Iterator[Finding]:
    """Tell that one trial tells nothing apart."""
    measured = [row for row in group.rows if row["status"] != "failed" and not row["void"]]
    if measured and all(row["trials"] - row["trials_failed"] < 2 for row in measured):  # noqa: PLR2004 - said
        yield Finding("one-trial", "one trial of each row tells nothing apart", measured)


def _first(group: Group) -> Iterator[Finding]:
    """Tell which row is the fastest, by how much, or which rows share that place."""
    placed = [row for row in group.rows if row["place"] is not None and not row["twin_of"]]
    if len(placed) < 2:  # noqa: PLR2004 - one row is the first of nobody
        return
    first = [row for row in placed if row["place"] == placed[0]["place"]]
    others = _those_with_a_place(group, len(placed))
    if len(first) > 1:
        alike = len({row["workers"] for row in first}) == 1
        told = [(names.stack if alike else names.sized)(row) for row in first[:_MOST_NAMES]]
        if len(first) > _MOST_NAMES:
            told = [*told[:-1], f"{len(first) - _MOST_NAMES + 1} more rows"]
        yield Finding(
            "shared-first",
            f"of {others}, {names.listed(told)} share the first place",
            first,
            size=names.size(first[0]) if alike else "",
        )
        return
    reached = [_ratio(group, first[0], row, len(placed) - 1) for row in placed[1:]]
    lows = [interval.low for interval in reached if interval]
    if len(lows) == len(placed) - 1 and min(lows) > 1:
        sentence = f"of {others}, {names.sized(first[0])} is the {_faster(group)}"
        least = _least(min(lows))
        by = f", at least {least:g} times as {_fast(group)} as any other" if least > 1 else ""
        yield Finding("first", sentence + by, [first[0]], {"at_least": min(lows)})


def _those_with_a_place(group: Group, count: int) -> str:
    """Return the rows that have a place, in words: so many, or what the others of the order lack."""
    standing = [row for row in group.rows if not row["void"] and row["status"] != "failed"]
    lacking = {
        "the load does not limit": any(not has_place(row) for row in standing),
        "keep the service level": any(not keeps_its_level(row) for row in standing),
        "have two good trials": any(
            has_place(row) and keeps_its_level(row) and row["place"] is None for row in standing
        ),
    }
    said = [f"that {words}" for words, lack in lacking.items() if lack]
    return f"the rows {' and '.join(said)}" if said else f"{count} rows"


def _limited(group: Group) -> Iterator[Finding]:
    """Tell how many rows measure the load."""
    bound = [row for row in group.rows if row["bound"] and not row["void"] and row["rps"] is not None]
    if bound:
        lowest = min(row["rps"] for row in bound)
        which = f"{len(bound)} rows are" if len(bound) > 1 else f"{names.sized(bound[0])} is"
        yield Finding(
            "load-limited",
            f"{which} limited by the load: at least {math.floor(lowest)}/s",
            bound,
            {"at_least_rps": lowest},
        )


def _extremes(group: Group) -> Iterator[Finding]:
    """Tell, for each number of workers, how much faster the fastest row is than the slowest."""
    if _is_open(group):
        return
    rows = [row for row in _compared(group) if WIDE_SPREAD.code not in row["notes"]]
    pairs = len(rows) * (len(rows) - 1) // 2
    for workers, members in groupby(
        sorted(rows, key=lambda row: int(row["workers"])), lambda row: row["workers"]
    ):
        by_rate = sorted(members, key=lambda row: -row["rps"])
        fastest, slowest = by_rate[0], by_rate[-1]
        told = has_place(slowest) and _told_apart(group, fastest, slowest)
        interval = _ratio(group, fastest, slowest, pairs) if told else None
        if interval and _least(interval.low) > 1:
            yield Finding(
                "faster",
                f"{names.stack(fastest)} is at least {_least(interval.low):g} times as fast as "
                f"{names.stack(slowest)}",
                [fastest, slowest],
                {"at_least": interval.low, "workers": workers},
                names.size(fastest),
                "" if has_place(fastest) else "the first is limited by the load",
            )


def _workers(group: Group) -> Iterator[Finding]:
    """Tell what more workers do to a stack: no difference above so much, or so many times the rate."""
    if _is_open(group):
        return
    rows = [row for row in _compared(group) if has_place(row)]
    sized: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        sized.setdefault((row["stack"], row["threads"]), []).append(row)
    pairs: list[tuple[Row, Row]] = []
    for of_stack in sized.values():
        pairs += pairwise(sorted(of_stack, key=lambda row: int(row["workers"])))
    found = [
        (few, many, interval) for few, many in pairs if (interval := _ratio(group, many, few, len(pairs)))
    ]
    for (few_workers, many_workers), members in _by_workers(found).items():
        same = [(few, many, reach) for few, many, one in members if (reach := _reach(one)) <= _NO_DIFFERENCE]
        if same:
            most = max(reach for _, _, reach in same)
            stacks = names.listed([names.stack(few) for few, _, _ in same])
            yield Finding(
                "workers-same",
                f"{count(few_workers, 'worker')} or {many_workers} make no difference above "
                f"{math.ceil(100 * most)} % for {stacks}",
                [row for few, many, _ in same for row in (few, many)],
                {"no_difference_above": most},
            )
        for few, many, one in members:
            if _told_apart(group, few, many):
                yield from _told(few, many, one)


def _told(few: Row, many: Row, interval: Interval) -> Iterator[Finding]:
    """Tell that more workers make a stack faster, or slower, if by more than is called the same."""
    data = {"low": interval.low, "high": interval.high}
    if _reach(interval) <= _NO_DIFFERENCE:
        return
    if _least(interval.low) > 1:
        least = _least(interval.low)
        does = f"is at least {least:g} times as fast with {names.size(many)} as with {few['workers']}"
        yield Finding("workers-more", f"{names.stack(few)} {does}", [few, many], data)
    elif interval.high < 1 and _least(1 / interval.high) > 1:
        least = _least(1 / interval.high)
        does = f"is at least {least:g} times as fast with {names.size(few)} as with {many['workers']}"
        yield Finding("workers-fewer", f"{names.stack(few)} {does}", [few, many], data)


def _by_workers(
    found: Sequence[tuple[Row, Row, Interval]],
) -> dict[tuple[int, int], list[tuple[Row, Row, Interval]]]:
    members: dict[tuple[int, int], list[tuple[Row, Row, Interval]]] = {}
    for few, many, interval in found:
        members.setdefault((few["workers"], many["workers"]), []).append((few, many, interval))
    return members


def _void(group: Group) -> Iterator[Finding]:
    """Tell how many rows are not to be believed, and why."""
    void = [row for row in group.rows if row["void"]]
    if void:
        codes = ", ".join(dict.fromkeys(code for row in void for code in row["void"]))
        which = f"{len(void)} rows are" if len(void) > 1 else f"{names.sized(void[0])} is"
        yield Finding("void", f"{which} not to be believed: {codes}", void)


def _twins(group: Group) -> Iterator[Finding]:
    """Tell whether the trials told one cell under two names apart."""
    known = {row["cell"]: row for row in group.rows}
    for twin in group.rows:
        cell = known.get(twin["twin_of"] or "")
        if cell is None:
            continue
        ratio = group.ratio(twin["cell"], cell["cell"])
        compared = group.compared(twin["cell"], cell["cell"])
        if ratio is None:
            yield Finding("twins", f"the twins of {names.stack(cell)} cannot be compared", [cell, twin])
            continue
        told_apart = compared.told_apart if compared else ratio.p <= ALPHA
        span = f"{ratio.interval.low:.3f} to {ratio.interval.high:.3f}"
        sentence = (
            f"the twins of {names.sized(cell)} are told apart, which are the same: do not believe "
            f"differences of less than {math.ceil(100 * _reach(ratio.interval))} %"
            if told_apart
            else f"the twins of {names.sized(cell)} are not told apart, as it should be"
        )
        data = {"ratio": ratio.value, "low": ratio.interval.low, "high": ratio.interval.high, "p": ratio.p}
        yield Finding("twins", sentence, [cell, twin], data, remark=f"ratio {span}")


# In the order in which their sentences stand.
RULES: tuple[Callable[[Group], Iterator[Finding]], ...] = (
    _unrepeated,
    _first,
    _limited,
    _extremes,
    _workers,
    _void,
    _twins,
)


def _ratio(group: Group, a: Row, b: Row, several: int) -> Interval | None:
    """Return the interval of a ÷ b as one of so many; None if there is none."""
    ratio = group.ratio(a["cell"], b["cell"])
    return ratio.among(max(several, 1)) if ratio else None


def _told_apart(group: Group, a: Row, b: Row) -> bool:
    """Whether the table tells the two apart: no sentence says what its places deny."""
    compared = group.compared(a["cell"], b["cell"])
    return compared is not None and compared.told_apart


def _compared(group: Group) -> list[Row]:
    """Return the rows with trials enough that stand in the order, each cell under one name."""
    return [row for row in group.rows if not row["void"] and group.is_repeated(row) and not row["twin_of"]]


def _is_open(group: Group) -> bool:
    return any(row["service_level"] is not None for row in group.rows)


def _fast(group: Group) -> str:
    return "quick to answer" if _is_open(group) else "fast"


def _faster(group: Group) -> str:
    return "quickest to answer" if _is_open(group) else "fastest"


def _reach(interval: Interval) -> float:
    """Return how far from 1 the ratio may be, to whichever side is farther, as a share."""
    return max(interval.high, 1 / interval.low) - 1


def _least(ratio: float) -> float:
    """Return a ratio with two digits, downwards: 2.94 is at least 2.9, 13.7 at least 13."""
    digits = 10.0 ** max(1 - math.floor(math.log10(max(ratio, 1))), 0)
    return float(f"{math.floor(ratio * digits + 1e-9) / digits:g}")
