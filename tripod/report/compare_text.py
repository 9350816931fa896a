"""How a comparison reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.report import compare
from tripod.report.columns import AT_LEAST, NOTHING, rate, significant
from tripod.report.contrasts import CONFIRMED, CONTRADICTED, UNTOLD, in_words
from tripod.report.folded import labelled
from tripod.report.sheet import Section, Series, Sheet, comma_separated
from tripod.runs.explain import listed
from tripod.runs.formats.comparison import ComparedCell, PublishedPair

_FOLLOWS = {
    "in-part": "slots limit it, so it hardly follows the machine",
    "mixed": "slots limit some of the few cells that tell the shift",
}
_TITLES = {"rate": "rate", "p95": "p95", "p99": "p99", "app_cpu": "app CPU per request"}
_STYLES = {compare.FASTER: "green", compare.SLOWER: "red", UNTOLD: "dim"}
_PAIR_STYLES = {CONTRADICTED: "red", UNTOLD: "dim"}
_WORDS = {
    compare.ALIKE: "no difference",
    UNTOLD: in_words(UNTOLD),
    "at-least": AT_LEAST,
    "at-most": "≤",
    None: "",
}


def sheet(comparison: Mapping[str, Any]) -> Sheet:
    """Return the comparison as a page."""
    differences = comparison["differences"]
    published = bool(comparison["a"]["published"] or comparison["b"]["published"])
    sections = [
        Section(
            "What differs beside the stacks",
            [
                Series("", [found["what"] for found in differences]),
                Series("A", [found["a"] for found in differences]),
                Series("B", [found["b"] for found in differences]),
            ],
        )
    ]
    if published:
        sections += [_published_cells(comparison), _pairs(comparison["pairs"])]
    else:
        sections.append(_cells(comparison))
    return Sheet(
        title="Comparison of B with A",
        facts=[
            ("A", side_text(comparison["a"])),
            ("B", side_text(comparison["b"])),
            *labelled("caveats", comparison["caveats"]),
            *([] if differences else [("differences", "none that is known beside the stacks")]),
            ("common shift", _shifts(comparison["shifts"], published=published)),
        ],
        sections=[section for section in sections if section.known],
        notes=[*_verdict(comparison, published=published), *left_out(comparison["left_out"])],
    )


def to_csv(comparison: Mapping[str, Any]) -> str:
    """Return a line for each cell; of a published side for each pair of rows."""
    if comparison["a"]["published"] or comparison["b"]["published"]:
        return comma_separated(comparison["pairs"], PublishedPair)
    return comma_separated(comparison["cells"], ComparedCell)


def side_text(side: Mapping[str, Any]) -> str:
    """Return what a side is."""
    source = side["published"]
    if source:
        return (
            f"{source['title']}, {source['date']} ({source['url']}, {source['source']}): {source['machine']}"
        )
    runs = ", ".join(
        f"{run['run_id']} ({run['trials'] - run['trials_failed']} of {run['trials']} trials)"
        for run in side["runs"]
    )
    return f"{runs}, {side['separation'] or 'separation unknown'}"


def left_out(cells: Sequence[Mapping[str, str]]) -> list[str]:
    """Return a line for each reason why cells are not compared, with the first few of them."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for found in cells:
        reasons.setdefault((found["side"].upper(), found["why"]), []).append(found["cell"])
    # a published row is a command, which may hold a comma
    return [
        f"not compared, of {side}: {listed(names, '; ')}: {why}" for (side, why), names in reasons.items()
    ]


def interval_text(interval: Sequence[float] | None) -> str:
    """Return both ends of an interval of a ratio."""
    return f"[{significant(interval[0])}, {significant(interval[1])}]" if interval else NOTHING


def rate_text(figures: Mapping[str, Any]) -> str:
    """Return a rate of one side; only as at least, where the load limits it."""
    if figures["rate"] is None:
        return NOTHING
    bound = f"{AT_LEAST} " if figures["bound"] and not figures["void"] else ""
    return f"{bound}{rate(figures['rate'])}"


def _shifts(shifts: Mapping[str, Any], *, published: bool) -> str:
    known = [
        f"{_TITLES[quantity]} x {significant(found['ratio'])}"
        + (f" {interval_text(found['interval'])}" if found["interval"] else "")
        + f" (median of {found['cells']} cells)"
        for quantity, found in shifts.items()
        if found
    ]
    if not known:
        return "unknown: too few cells tell it"
    told = ", ".join(known)
    return told if published else f"{told}: taken for the machine's, and taken out below"


def _cells(comparison: Mapping[str, Any]) -> Section:
    cells = comparison["cells"]
    names = [cell["b"]["cell"] for cell in cells]
    return Section(
        "Each cell, B ÷ A ÷ the common shift, with its 95 % interval",
        [
            Series("cell", names),
            Series("A req/s", [rate_text(cell["a"]) for cell in cells], numeric=True, importance=3),
            Series("B req/s", [rate_text(cell["b"]) for cell in cells], numeric=True, importance=3),
            Series("rate", [_beside(cell["change"]["rate"]) for cell in cells], numeric=True),
            Series("interval", [_ends(cell["change"]["rate"]) for cell in cells], importance=1),
            Series("answer", [_answer(cell) for cell in cells]),
            *(_tail(cells, key, importance) for key, importance in (("p95", 5), ("p99", 6), ("app_cpu", 4))),
            Series("because", [_because(cell) for cell in cells], importance=2),
        ],
        [_STYLES.get(cell["answer"], "") for cell in cells],
    )


def _tail(cells: Sequence[Mapping[str, Any]], key: str, importance: int) -> Series:
    title = {"app_cpu": "app CPU"}.get(key, key)
    texts = [f"{_beside(found)} {_ends(found)}" if (found := cell["change"][key]) else "" for cell in cells]
    return Series(title, texts, importance=importance)


def _beside(change: Mapping[str, Any] | None) -> str:
    if change is None:
        return NOTHING
    return significant(change["to_shift"] if change["to_shift"] is not None else change["ratio"])


def _ends(change: Mapping[str, Any] | None) -> str:
    if change is None:
        return NOTHING
    return interval_text(
        change["to_shift_interval"] if change["to_shift"] is not None else change["interval"]
    )


def _answer(cell: Mapping[str, Any]) -> str:
    return _WORDS.get(cell["answer"], str(cell["answer"]))


def _because(cell: Mapping[str, Any]) -> str:
    if cell["why"]:
        return str(cell["why"])
    told = "by its p95, since the load offers its rate" if cell["judged_by"] == "p95" else ""
    if cell["follows"] != "shift":
        alone = cell["change"][cell["judged_by"]]
        by_itself = f"by itself x {significant(alone['ratio'])} {interval_text(alone['interval'])}"
        told = f"{_FOLLOWS[cell['follows']]}: {by_itself}"
    return told


def _published_cells(comparison: Mapping[str, Any]) -> Section:
    cells = comparison["cells"]
    text, ours = ("a", "b") if comparison["a"]["published"] else ("b", "a")
    return Section(
        "Each row, B ÷ A, with the 95 % interval of our trials alone",
        [
            Series("published", [cell[text]["cell"] for cell in cells], importance=2),
            Series("our cell", [cell[ours]["cell"] for cell in cells]),
            Series("A req/s", [rate_text(cell["a"]) for cell in cells], numeric=True),
            Series("B req/s", [rate_text(cell["b"]) for cell in cells], numeric=True),
            Series("B ÷ A", [_ratio(cell["change"]["rate"]) for cell in cells], numeric=True),
            Series("interval", [_own(cell["change"]["rate"]) for cell in cells], importance=1),
            Series(
                "÷ shift", [_beside(cell["change"]["rate"]) for cell in cells], numeric=True, importance=3
            ),
        ],
    )


def _ratio(change: Mapping[str, Any] | None) -> str:
    return significant(change["ratio"]) if change else NOTHING


def _own(change: Mapping[str, Any] | None) -> str:
    return interval_text(change["interval"]) if change else NOTHING


def _pairs(pairs: Sequence[Mapping[str, Any]]) -> Section:
    """Return every two rows: what is contradicted first, what cannot be told last."""
    order = (CONTRADICTED, CONFIRMED, UNTOLD)
    ordered = sorted(pairs, key=lambda pair: order.index(pair["answer"]))
    return Section(
        "Every two rows, the first ÷ the second: is the published direction confirmed, and the ratio?",
        [
            Series("published as faster", [pair["one"] for pair in ordered]),
            Series("than", [pair["other"] for pair in ordered]),
            Series("published", [significant(pair["published"]) for pair in ordered], numeric=True),
            Series("ours", [_pair_ratio(pair) for pair in ordered], numeric=True),
            Series("interval", [interval_text(pair["interval"]) for pair in ordered], importance=2),
            Series("direction", [_answer(pair) for pair in ordered]),
            Series("our ratio", [pair["factor"] or "" for pair in ordered], importance=3),
        ],
        [_PAIR_STYLES.get(pair["answer"], "") for pair in ordered],
    )


def _pair_ratio(pair: Mapping[str, Any]) -> str:
    if pair["ratio"] is None:
        return NOTHING
    return f"{_WORDS[pair['bound']]} {significant(pair['ratio'])}".strip()


def _verdict(comparison: Mapping[str, Any], *, published: bool) -> list[str]:
    """Return how many of what were answered how, and what `--fail-on-regression` says."""
    found = comparison["pairs" if published else "cells"]
    answers = [_answer(one) for one in found]
    counts = ", ".join(f"{answers.count(answer)} {answer}" for answer in dict.fromkeys(answers))
    adjusted = "pairs" if published else "cells"
    told = [f"of {len(found)} {adjusted}: {counts} (5 % over all of them together, by Holm)"]
    if comparison["allowed_loss"] is not None:
        told.append(_regressions(comparison))
    return told


def _regressions(comparison: Mapping[str, Any]) -> str:
    allowed = f"{100 * comparison['allowed_loss']:g} %"
    untold = sum(cell["regression"] is None for cell in comparison["cells"])
    of_rest = f"; of {untold} of {len(comparison['cells'])} cells it cannot be told" if untold else ""
    if comparison["regressions"]:
        return f"regressions: {', '.join(comparison['regressions'])} surely lost more than {allowed}{of_rest}"
    return f"no cell surely lost more than {allowed}{of_rest}"
