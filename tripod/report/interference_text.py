"""How the cost of sharing one machine reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue.words import count
from tripod.report.columns import NOTHING, significant
from tripod.report.compare_text import interval_text, left_out, rate_text
from tripod.report.folded import labelled
from tripod.report.sheet import Section, Series, Sheet, comma_separated
from tripod.runs.formats.comparison import SharedCell

_LIMITED = {
    "both": "the load limits it in both runs: the rate shows nothing",
    "apart": "the load limits it where the legs are apart: it costs at least so much",
    "shared": "the load limits it on one machine: it costs at most so much",
    None: "",
}
_ORDERED = {
    "changed": "told apart in both runs, and in the other order on one machine",
    "told_apart_only": "told apart only where the legs are apart",
    "told_shared_only": "told apart only on one machine",
}


def sheet(interference: Mapping[str, Any]) -> Sheet:
    """Return it as a page: the sentence first."""
    differences = interference["differences"]
    turn = "blocks were measured in turn: in pairs" if interference["in_turn"] else "not in turn: unpaired"
    sections = [
        _cells(interference),
        _order(interference["order"]),
        Section(
            "What differs beside where the legs stand",
            [
                Series("", [found["what"] for found in differences]),
                Series("one machine", [found["a"] for found in differences]),
                Series("apart", [found["b"] for found in differences]),
            ],
        ),
    ]
    return Sheet(
        title=interference["sentence"],
        facts=[
            ("one machine", _host(interference["shared"])),
            ("apart", _host(interference["apart"])),
            ("compared", f"{interference['blocks']} blocks, {turn}"),
            *labelled("caveats", interference["caveats"]),
        ],
        sections=[section for section in sections if section.known],
        notes=[*_counts(interference["order"]), *left_out(interference["left_out"])],
    )


def to_csv(interference: Mapping[str, Any]) -> str:
    """Return a line for each cell."""
    return comma_separated(interference["cells"], SharedCell)


def _host(host: Mapping[str, Any]) -> str:
    cores = count(host["app_cpus"], "core")
    return f"{host['run_id']}: {host['separation']}, app on {host['app_host']} with {cores}"


def _cells(interference: Mapping[str, Any]) -> Section:
    cells = interference["cells"]
    return Section(
        "Each cell, on one machine ÷ apart, with its 95 % interval",
        [
            Series("cell", [cell["cell"] for cell in cells]),
            Series("shared req/s", [rate_text(cell["shared"]) for cell in cells], numeric=True, importance=3),
            Series("apart req/s", [rate_text(cell["apart"]) for cell in cells], numeric=True, importance=3),
            *(
                _costs(cells, key, title, importance)
                for key, title, importance in (
                    ("rate", "rate", 0),
                    ("p95", "p95", 1),
                    ("p99", "p99", 5),
                    ("app_cpu", "app CPU", 2),
                )
            ),
            Series("", [_LIMITED[cell["limited"]] for cell in cells], importance=4),
        ],
    )


def _costs(cells: Sequence[Mapping[str, Any]], key: str, title: str, importance: int) -> Series:
    texts = [
        f"{significant(cost['ratio'])} {interval_text(cost['interval'])}"
        if (cost := cell["cost"][key])
        else NOTHING
        for cell in cells
    ]
    return Series(title, texts if set(texts) != {NOTHING} else [""] * len(texts), importance=importance)


def _order(order: Mapping[str, Any]) -> Section:
    pairs = [(pair, said) for key, said in _ORDERED.items() for pair in order[key]]
    return Section(
        "Pairs whose order sharing touches, first ÷ second",
        [
            Series("first", [pair["first"] for pair, _ in pairs]),
            Series("second", [pair["second"] for pair, _ in pairs]),
            *(
                Series(title, [_ratio(pair[key]) for pair, _ in pairs], numeric=True, importance=importance)
                for title, key, importance in (("apart", "apart", 1), ("one machine", "shared", 1))
            ),
            Series("", [said for _, said in pairs]),
        ],
    )


def _ratio(ratio: float | None) -> str:
    return NOTHING if ratio is None else significant(ratio)


def _counts(order: Mapping[str, Any]) -> list[str]:
    told = ", ".join(f"{len(order[key])} {said}" for key, said in _ORDERED.items())
    return [f"of {order['pairs']} pairs, {order['told_in_both']} are told apart in both runs (Holm); {told}"]
