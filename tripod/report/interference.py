"""Makes what it costs that load, app and database share one machine, as `Interference` declares it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tripod.catalogue.words import count
from tripod.report import environments
from tripod.report.columns import significant
from tripod.report.compare import FORMAT, problems
from tripod.report.sides import (
    QUANTITIES,
    NotComparableError,
    Same,
    Side,
    blocks_of,
    common,
    is_offered,
    left_out,
)
from tripod.runs.results import Run
from tripod.stats import sharing
from tripod.stats.between_runs import Values
from tripod.stats.contrasts import Ratio
from tripod.stats.families import ALPHA, holm

ONE_HOST = "one-host"

_NOT_IN_TURN = (
    "the two runs were not measured in turn, block by block: what the machines drifted between them is in "
    "these figures and not in the intervals; make interference measures them in turn"
)


def make(shared: Run, apart: Run) -> dict[str, Any]:
    """Return what sharing one machine costs.

    Args:
        shared: a run whose legs are one host.
        apart: one whose legs are several, with as many cores for the app.

    Raises:
        NotComparableError: if they do not fit; the message says what differs.

    """
    hosts = {"shared": _host(shared, "first"), "apart": _host(apart, "second")}
    _refuse_what_does_not_fit(hosts)
    sides = Side((shared,)), Side((apart,))
    keys = common(*sides)
    pairs = {key: (sides[0].cells[key], sides[1].cells[key]) for key in keys}
    in_turn, blocks = _blocks(shared, apart)
    costs = {quantity: _costs(quantity, pairs, blocks, in_turn=in_turn) for quantity in QUANTITIES}
    made: dict[str, Any] = {
        "format": FORMAT,
        **hosts,
        "in_turn": in_turn,
        "blocks": len(blocks),
        "sentence": "",
        "differences": [
            found
            for found in environments.differences(*sides, keys)
            if found["what"] != "separation" and not found["what"].startswith("host (")
        ],
        "caveats": [*([] if in_turn else [_NOT_IN_TURN]), *problems(*sides)],
        "overall": {quantity: _overall(quantity, pairs, blocks, in_turn=in_turn) for quantity in QUANTITIES},
        "cells": [
            _cell(pair, {quantity: found.get(key) for quantity, found in costs.items()})
            for key, pair in pairs.items()
        ],
        "order": _order(pairs),
        "left_out": left_out(*sides, keys),
    }
    return {**made, "sentence": _sentence(made)}


def _host(run: Run, place: str) -> dict[str, Any]:
    """Return what is known of the run's app host; raises NotComparableError without."""
    run_id, app = run.plan["run_id"], run.plan["legs"]["app"][0]
    if run.hosts is None or app not in run.hosts["hosts"] or run.hosts["separation"] is None:
        raise NotComparableError(
            f"of the {place} run, {run_id}, nobody knows how far its legs stand apart: it has no usable "
            "hosts.json; type: ./collect.py runs"
        )
    return {
        "run_id": run_id,
        "created_at": run.plan["created_at"],
        "separation": run.hosts["separation"],
        "app_host": app,
        "app_cpus": run.hosts["hosts"][app]["cpus"],
    }


def _refuse_what_does_not_fit(hosts: Mapping[str, Mapping[str, Any]]) -> None:
    shared, apart = hosts["shared"], hosts["apart"]
    if shared["separation"] == apart["separation"]:
        raise NotComparableError(
            f"both runs are {shared['separation']}: nothing tells what sharing costs; type: "
            f"./collect.py compare {shared['run_id']} {apart['run_id']}"
        )
    if apart["separation"] == ONE_HOST:
        raise NotComparableError(
            f"the second run, {apart['run_id']}, is the one on one host; type: ./collect.py interference "
            f"{apart['run_id']} {shared['run_id']}"
        )
    if shared["separation"] != ONE_HOST:
        raise NotComparableError(
            f"the first run, {shared['run_id']}, is {shared['separation']}, and must be {ONE_HOST}; type: "
            "./collect.py runs"
        )
    if shared["app_cpus"] != apart["app_cpus"]:
        raise NotComparableError(
            f"the shared host has {count(shared['app_cpus'], 'core')}, the app host of {apart['run_id']} "
            f"{count(apart['app_cpus'], 'core')}: size would be compared, not sharing; type: make "
            "interference"
        )


def _blocks(shared: Run, apart: Run) -> tuple[bool, list[int]]:
    """Return whether the blocks that both have were measured in turn, and which these are."""
    times = [_times(run) for run in (shared, apart)]
    both = sorted(set(times[0]).intersection(times[1]))
    ordered = sorted((*times[side][block], block) for side in (0, 1) for block in both)
    in_turn = len(both) > 1 and all(before[1] <= after[0] for before, after in itertools.pairwise(ordered))
    # a block of one run stands beside the same block of the other
    in_turn = in_turn and all(
        ordered[place][2] == ordered[place + 1][2] for place in range(0, len(ordered), 2)
    )
    return in_turn, both


def _times(run: Run) -> dict[int, tuple[datetime, datetime]]:
    """Return when each block began and ended."""
    found: dict[int, tuple[datetime, datetime]] = {}
    for trial in run.trials:
        if trial.record is None or trial.figures is None:
            continue
        block = trial.block
        told = [trial.record[key] for key in ("started_at", "ended_at")]
        if None in told:
            continue
        began, ended = (datetime.fromisoformat(time) for time in told)
        known = found.get(block, (began, ended))
        found[block] = (min(known[0], began), max(known[1], ended))
    return found


Pairs = Mapping[str, tuple[Same, Same]]


def _measured(quantity: str, pairs: Pairs, blocks: Sequence[int]) -> tuple[Values, Values]:
    """Return the values of both runs, shared first, of the cells that are to be believed."""
    chosen = {
        key: pair
        for key, pair in pairs.items()
        if not any(same.void for same in pair) and not (quantity == "rate" and is_offered(pair[0].load))
    }
    of_shared, of_apart = (
        {
            (key, block): value
            for key, pair in chosen.items()
            for block, value in pair[side].values(quantity, 0).items()
            if block in blocks
        }
        for side in (0, 1)
    )
    return of_shared, of_apart


def _costs(quantity: str, pairs: Pairs, blocks: Sequence[int], *, in_turn: bool) -> dict[str, Ratio]:
    of_shared, of_apart = _measured(quantity, pairs, blocks)
    wide = [key for key, pair in pairs.items() if any(same.wide for same in pair)]
    return (sharing.in_pairs if in_turn else sharing.apart)(of_apart, of_shared, unpooled=wide)


def _overall(quantity: str, pairs: Pairs, blocks: Sequence[int], *, in_turn: bool) -> dict[str, Any] | None:
    """Return the mean over the cells; of the rate without those that the load limits in both runs."""
    of_shared, of_apart = _measured(quantity, pairs, blocks)
    whole = {
        key
        for key, pair in pairs.items()
        if not (quantity == "rate" and _limited(pair) == "both")
        and all((key, block) in values for values in (of_shared, of_apart) for block in blocks)
    }
    found = (
        (sharing.mean_in_pairs if in_turn else sharing.mean_apart)(of_apart, of_shared, whole)
        if whole
        else None
    )
    return _cost(found)


def _cost(found: Ratio | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"ratio": found.value, "interval": [found.interval.low, found.interval.high]}


def _limited(pair: tuple[Same, Same]) -> str | None:
    """Return where the load limits the cell."""
    shared, apart = (bool(same.bound) for same in pair)
    if shared and apart:
        return "both"
    return "shared" if shared else "apart" if apart else None


def _cell(pair: tuple[Same, Same], costs: Mapping[str, Ratio | None]) -> dict[str, Any]:
    return {
        "cell": pair[0].name,
        "load": pair[0].load["name"],
        "shared": pair[0].figures(),
        "apart": pair[1].figures(),
        "cost": {quantity: _cost(found) for quantity, found in costs.items()},
        "limited": _limited(pair),
    }


def _order(pairs: Pairs) -> dict[str, Any]:
    """Return what sharing does to the order of each group, which has one load and one database setting."""
    groups: dict[str, list[str]] = {}
    for key, pair in pairs.items():
        if not any(same.void for same in pair) and not is_offered(pair[0].load):
            planned = pair[0].planned
            groups.setdefault(f"{planned['database']} {planned['db_sleep_ms']} {pair[0].load}", []).append(
                key
            )
    two = [couple for members in groups.values() for couple in itertools.combinations(members, 2)]
    told = [_told(pairs, side, two) for side in (0, 1)]
    changed, apart_only, shared_only = [], [], []
    both = 0
    for couple in two:
        shared, apart = (found[couple] for found in told)
        if shared.first and apart.first:
            both += 1
            if shared.first != apart.first:
                changed.append(_couple(pairs, couple, apart.first, apart, shared))
        elif apart.first:
            apart_only.append(_couple(pairs, couple, apart.first, apart, shared))
        elif shared.first:
            shared_only.append(_couple(pairs, couple, shared.first, apart, shared))
    return {
        "pairs": len(two),
        "told_in_both": both,
        "changed": changed,
        "told_apart_only": apart_only,
        "told_shared_only": shared_only,
    }


@dataclass(frozen=True)
class _Told:
    """Two cells of one run: their ratio, and the key of the faster one if they are told apart."""

    ratio: float | None
    first: str | None


def _told(pairs: Pairs, side: int, two: Sequence[tuple[str, str]]) -> dict[tuple[str, str], _Told]:
    """Return which pairs one run tells apart, after Holm over its pairs; of bound ones not."""
    cells = {key: pair[side] for key, pair in pairs.items()}
    rates = {
        (key, block): value
        for key, same in cells.items()
        if not is_offered(same.load)
        for block, value in same.values("rate", 0).items()
    }
    blocks = blocks_of(cells, rates)
    ratios = {couple: blocks.ratio(*couple) for couple in two}
    judged = [
        couple
        for couple, ratio in ratios.items()
        if ratio is not None and not (cells[couple[0]].bound and cells[couple[1]].bound)
    ]
    adjusted = dict(zip(judged, holm([found.p for one in judged if (found := ratios[one])]), strict=True))
    told = {}
    for couple, ratio in ratios.items():
        first = None
        if ratio is not None and adjusted.get(couple, 1.0) <= ALPHA:
            first, second = couple if ratio.value > 1 else reversed(couple)
            # what the load limits may be faster still, and so the first one
            first = None if cells[second].bound else first
        told[couple] = _Told(ratio.value if ratio else None, first)
    return told


def _couple(
    pairs: Pairs, couple: tuple[str, str], first: str | None, apart: _Told, shared: _Told
) -> dict[str, Any]:
    """Return a pair with this cell first."""
    turned = first != couple[0]
    one, other = reversed(couple) if turned else couple
    ratios = [
        found.ratio if not turned or found.ratio is None else 1 / found.ratio for found in (apart, shared)
    ]
    return {
        "first": pairs[one][0].name,
        "second": pairs[other][0].name,
        "apart": ratios[0],
        "shared": ratios[1],
    }


def _sentence(made: Mapping[str, Any]) -> str:
    """Return the result in one sentence, with cores and separation of both runs."""
    shared, apart, order = made["shared"], made["apart"], made["order"]
    told = [
        f"{text}{_as_limited(made['cells'])}" if quantity == "rate" else text
        for quantity, say in _SAID.items()
        if (text := _said(say, made["overall"][quantity], _costs_of(made["cells"], quantity)))
    ]
    changed, both = len(order["changed"]), order["told_in_both"]
    kept = f"of the {both} pairs that both runs tell apart, {changed or 'none'} changed order"
    if both == 1:
        kept = f"the one pair that both runs tell apart {'changed' if changed else 'kept its'} order"
    if not both:
        kept = "no pair is told apart in both runs, so of the order nothing is known"
    return (
        f"That load, app and database share {count(shared['app_cpus'], 'core')} ({shared['separation']}), "
        f"instead of {count(apart['app_cpus'], 'core')} for the app alone ({apart['separation']}), "
        f"{'; '.join(told) or 'costs what these trials cannot tell'}; {kept}."
    )


def _costs_of(cells: Sequence[Mapping[str, Any]], quantity: str) -> list[Mapping[str, Any]]:
    """Return what cells lost of a quantity; of the rate without those that the load limits in both runs."""
    return [
        cost
        for cell in cells
        if (cost := cell["cost"][quantity]) and not (quantity == "rate" and cell["limited"] == "both")
    ]


def _as_limited(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return in which way the load, which limits some cells in one of the runs, makes the mean too small."""
    limited = {cell["limited"] for cell in cells if cell["cost"]["rate"]}
    if {"apart", "shared"} <= limited:
        return " (which may be more or less, since the load limits some cells in one of the runs)"
    if "apart" in limited:
        return " (at least, since the load limits some cells where the legs are apart)"
    if "shared" in limited:
        return " (at most, since the load limits some cells on one machine)"
    return ""


def _of_rate(ratio: float) -> str:
    return f"{abs(1 - ratio):.0%} {'less' if ratio <= 1 else 'more'}".replace("%", " %")


def _of_times(ratio: float) -> str:
    return f"{significant(ratio)}"


_SAID: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "rate": ("gives {} throughput", _of_rate),
    "p95": ("makes the p95 {} times as long", _of_times),
    "app_cpu": ("takes {} times the CPU time per request", _of_times),
}


def _said(
    say: tuple[str, Callable[[float], str]],
    overall: Mapping[str, Any] | None,
    costs: Sequence[Mapping[str, Any]],
) -> str | None:
    """Return a quantity in words: mean with its interval, and the range over the cells."""
    if overall is None:
        return None
    words, show = say
    low, high = overall["interval"]
    ratios = [cost["ratio"] for cost in costs]
    mean = f"{words.format(show(overall['ratio']))} on average ({show(low)} to {show(high)}"
    return f"{mean}; by cell {show(min(ratios))} to {show(max(ratios))})" if len(ratios) > 1 else f"{mean})"
