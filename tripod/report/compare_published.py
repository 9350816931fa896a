"""Compares a run with a write-up's published figures: the direction and the ratio of every two rows.

Published figures have no trials and come from another machine, so no row is judged by itself: a pair's ratio
is, by the interval of our trials alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Literal

from tripod.report import environments
from tripod.report.compare import FORMAT, cell_facts, problems, side_facts
from tripod.report.contrasts import CONFIRMED, CONTRADICTED, UNTOLD
from tripod.report.sides import QUANTITIES, NotComparableError, Same, Side, blocks_of, difference
from tripod.runs.formats.published import Published, PublishedCell, PublishedFigure
from tripod.stats import effects, intervals
from tripod.stats.between_runs import logs_of
from tripod.stats.contrasts import Ratio
from tripod.stats.families import ALPHA, holm

ALIKE = 1.05
"""Published rates within this factor claim no difference: trials of one cell differ by several per cent."""

_CAVEAT = (
    "the published figures have no trials, and are from another machine: intervals are those of our trials "
    "alone, and only the direction and the ratio of every two rows are judged"
)

_OURS = {"a": "b", "b": "a"}

Logs = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class _Met:
    """A published row and a cell of ours that stands for it."""

    figure: PublishedFigure
    same: Same


def make(text: Published, name: str, ours: Side, published: Literal["a", "b"]) -> dict[str, Any]:
    """Return the comparison; `published` says which side the text, called `name`, is.

    Raises:
        NotComparableError: if no cell of ours stands for any of its rows.

    """
    met = [
        _Met(figure, same)
        for figure in text.figures
        for same in ours.cells.values()
        if _stands_for(same, text, figure) and same.trials
    ]
    if not met:
        raise NotComparableError(_nothing_in_common(text, name, ours))
    logs = _our_logs([one.same for one in met], ours)
    facts = {"runs": [], "published": _source(text, name), "separation": text.separation}
    differences = environments.from_published(text, ours)
    turned = published == "b"
    shift = _shift(met, logs, turned=turned)
    return {
        "format": FORMAT,
        published: facts,
        _OURS[published]: side_facts(ours),
        "differences": [{**one, "a": one["b"], "b": one["a"]} for one in differences]
        if turned
        else differences,
        "caveats": [_CAVEAT, *_one_run(ours), *problems(ours)],
        "shifts": {**dict.fromkeys(QUANTITIES), "rate": shift},
        "cells": [_cell(one, logs[one.same.name], published, shift) for one in met],
        "pairs": _pairs(met, logs),
        "left_out": _left_out(text, met, ours, published),
        "allowed_loss": None,
        "regressions": [],
    }


def _our_logs(cells: Sequence[Same], ours: Side) -> Logs:
    """Return cell → block → log rate; of several runs cell → run → the mean of its blocks."""
    by_name = {same.name: same for same in cells}
    runs = [
        logs_of(
            {
                (name, block): rate
                for name, same in by_name.items()
                for block, rate in same.values("rate", run).items()
            }
        )
        for run in range(len(ours.runs))
    ]
    if len(runs) == 1:
        return {name: runs[0].get(name, {}) for name in by_name}
    means = [effects.fit(run).cells if run else {} for run in runs]
    return {
        name: {run: found[name].mean for run, found in enumerate(means) if name in found} for name in by_name
    }


def _shift(met: Sequence[_Met], logs: Logs, *, turned: bool) -> dict[str, Any] | None:
    """Return what all rows have in common that the load does not limit, B ÷ A; None without any."""
    found = [
        fmean(known.values()) - math.log(one.figure.rps)
        for one in met
        if not one.same.void and not one.same.bound and (known := logs[one.same.name])
    ]
    if not found:
        return None
    return {
        "ratio": math.exp(-median(found) if turned else median(found)),
        "interval": None,
        "cells": len(found),
    }


def _one_run(ours: Side) -> list[str]:
    several = "one run of ours: what differs between runs of the same thing is not in the intervals"
    return [several] if len(ours.runs) == 1 else []


def _source(text: Published, name: str) -> dict[str, Any]:
    kept = {key: getattr(text, key) for key in ("title", "url", "source", "date")}
    return {"name": name, **kept, "machine": environments.described(text)}


def _stands_for(same: Same, text: Published, figure: PublishedFigure) -> bool:
    return _is_the_size(same, figure) and not _other_load(same, text, figure)


def _row(figure: PublishedFigure) -> str:
    """Return what a row of the text is called: some stand there for several latencies of the database."""
    return figure.row if figure.db_sleep_ms is None else f"{figure.row}, {figure.db_sleep_ms:g} ms"


def _is_the_size(same: Same, figure: PublishedFigure) -> bool:
    planned = same.planned
    mine = PublishedCell(stack=planned["stack"], workers=planned["workers"], threads=planned["threads"])
    return (
        mine in figure.cells and planned["db_sleep_ms"] == figure.db_sleep_ms and not planned.get("twin_of")
    )


def _other_load(same: Same, text: Published, figure: PublishedFigure) -> str:
    """Return what differs between the load of ours and the published one; nothing if they are the same."""
    load = text.loads[figure.load]
    return difference(
        {
            "script": load.script,
            "shape": load.shape,
            "vus": load.vus,
            "pause_s": load.pause_s,
            "duration_s": load.duration_s,
            "warmup_s": 0.0,
        },
        same.load,
    )


def _nothing_in_common(text: Published, name: str, ours: Side) -> str:
    for figure in text.figures:
        for same in ours.cells.values():
            if _is_the_size(same, figure) and (other := _other_load(same, text, figure)):
                return (
                    f"published:{name} and {ours.names} have other loads ('{figure.load}', "
                    f"'{same.load['name']}'): {other}; type: "
                    f".venv/bin/ansible-playbook bench.yml -e matrix={ours.runs[0].plan['matrix']['name']} "
                    f"-e load={figure.load}"
                )
    rows = ", ".join(dict.fromkeys(cell.stack for figure in text.figures for cell in figure.cells))
    return (
        f"no row of published:{name} stands for a cell that {ours.names} measured; it has {rows}; type: "
        "./collect.py runs"
    )


def _left_out(
    text: Published, met: Sequence[_Met], ours: Side, published: Literal["a", "b"]
) -> list[dict[str, Any]]:
    """Return the rows of the text and the cells of ours without the other."""
    known = {id(one.figure) for one in met}
    told = [
        {
            "cell": _row(figure),
            "side": published,
            "code": "absent",
            "why": "ours has no such cell, or it failed",
        }
        for figure in text.figures
        if id(figure) not in known
    ]
    chosen = {id(one.same) for one in met}
    return told + [
        {"cell": same.name, "side": _OURS[published], "code": "absent", "why": "the text has no such row"}
        for same in ours.cells.values()
        if id(same) not in chosen
    ]


def _cell(
    met: _Met, logs: Mapping[int, float], published: Literal["a", "b"], shift: Mapping[str, Any] | None
) -> dict[str, Any]:
    theirs = {
        "cell": _row(met.figure),
        "rate": met.figure.rps,
        "p95_ms": met.figure.latency_ms.p95,
        "p99_ms": None,
        "app_cpu_ms_per_request": None,
        "trials": 0,
        "void": [],
        "bound": [],
    }
    return {
        **cell_facts(met.same),
        published: theirs,
        _OURS[published]: met.same.figures(),
        "change": {
            **dict.fromkeys(QUANTITIES),
            "rate": _change(met.figure.rps, logs, shift, turned=published == "b"),
        },
        "judged_by": "rate",
        "follows": "shift",
        "p": None,
        "answer": None,
        "why": None,
        "regression": None,
    }


def _change(
    published: float, logs: Mapping[int, float], shift: Mapping[str, Any] | None, *, turned: bool
) -> dict[str, Any] | None:
    """Return ours ÷ the published rate, or where it is `turned` the other way round."""
    if not logs:
        return None
    sign = -1 if turned else 1
    ratio = math.exp(sign * (fmean(logs.values()) - math.log(published)))
    known = intervals.of_mean(list(logs.values()))
    ends = [sign * (end - math.log(published)) for end in (known.low, known.high)] if known else None
    return {
        "ratio": ratio,
        "interval": [math.exp(end) for end in sorted(ends)] if ends else None,
        "to_shift": ratio / shift["ratio"] if shift else None,
        "to_shift_interval": None,
    }


def _pairs(met: Sequence[_Met], logs: Logs) -> list[dict[str, Any]]:
    """Return every two rows of one load and database, the one that was published as faster first."""
    rates = {(cell, unit): math.exp(log) for cell, known in logs.items() for unit, log in known.items()}
    blocks = blocks_of({one.same.name: one.same for one in met}, rates)
    pairs = [
        (one, other) if one.figure.rps >= other.figure.rps else (other, one)
        for one, other in itertools.combinations(met, 2)
        if one.figure is not other.figure
        and (one.figure.load, one.figure.db_sleep_ms) == (other.figure.load, other.figure.db_sleep_ms)
    ]
    ratios = [blocks.ratio(one.same.name, other.same.name) for one, other in pairs]
    judged = [index for index, ratio in enumerate(ratios) if ratio and _can_be_judged(*pairs[index])]
    adjusted = dict(zip(judged, holm([found.p for index in judged if (found := ratios[index])]), strict=True))
    return [
        _pair(*pair, ratio, adjusted.get(index))
        for index, (pair, ratio) in enumerate(zip(pairs, ratios, strict=True))
    ]


def _can_be_judged(one: _Met, other: _Met) -> bool:
    """Whether both are to be believed, and the load does not limit both."""
    void = one.same.void or other.same.void
    return not void and not (one.same.bound and other.same.bound)


def _pair(one: _Met, other: _Met, ratio: Ratio | None, p: float | None) -> dict[str, Any]:
    published = one.figure.rps / other.figure.rps
    known = ratio if ratio and p is not None else None
    at_least = bool(one.same.bound and not other.same.bound)
    at_most = bool(other.same.bound and not one.same.bound)
    factor = None
    if known:
        if published < known.interval.low:
            factor = None if at_most else "larger"
        elif published > known.interval.high:
            factor = None if at_least else "smaller"
        else:  # of what is true only as at least, or at most, the ratio itself is not known
            factor = None if at_least or at_most else "as-published"
    return {
        "one": one.same.name,
        "other": other.same.name,
        "published": published,
        "ratio": ratio.value if ratio else None,
        "interval": [ratio.interval.low, ratio.interval.high] if ratio else None,
        "bound": "at-least" if at_least else "at-most" if at_most else None,
        "answer": _answer(known, p, published, at_least=at_least, at_most=at_most),
        "factor": factor,
    }


def _answer(ratio: Ratio | None, p: float | None, published: float, *, at_least: bool, at_most: bool) -> str:
    """Return what our trials say of the direction; of rows that are published as alike, of that."""
    if ratio is None or p is None:
        return UNTOLD
    interval = ratio.interval
    if published < ALIKE:
        if at_least or at_most:
            return UNTOLD
        apart = p <= ALPHA and (interval.low > ALIKE or interval.high < 1 / ALIKE)
        alike = interval.low > 1 / ALIKE and interval.high < ALIKE
        return CONTRADICTED if apart else CONFIRMED if alike else UNTOLD
    if p > ALPHA:
        return UNTOLD
    if ratio.value > 1:
        return UNTOLD if at_most else CONFIRMED
    return UNTOLD if at_least else CONTRADICTED
