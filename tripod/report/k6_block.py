"""k6's end-of-test block as text, made from k6.json in the form that k6 itself printed until 0.4x.

The rules of rounding and padding are those of k6's `js/summary.js`; the statistics are its default ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tripod.report import harmless

STATISTICS = ("avg", "min", "med", "max", "p(90)", "p(95)")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def k6_block(k6_summary: Mapping[str, Any]) -> str:
    """Return the block of one trial: failed checks, then all metrics, sub-metrics below their parent."""
    metrics = k6_summary["metrics"]
    names = sorted(metrics, key=lambda name: (name.split("{")[0], name))
    labels = {name: _label(name) for name in names}
    longest = max(len(label) for label in labels.values()) + 3
    trends = [name for name in names if metrics[name]["type"] == "trend"]
    others = [name for name in names if metrics[name]["type"] != "trend"]
    values = {name: [human(metrics[name]["values"][s], metrics[name]) for s in STATISTICS] for name in trends}
    for name in others:
        values[name] = _simple(metrics[name])
    _pad([values[name] for name in trends])
    _pad([values[name] for name in others])
    lines = list(_failed_checks(k6_summary.get("root_group", {})))
    for name in names:
        texts = values[name]
        if name in trends:
            texts = [f"{statistic}={text}" for statistic, text in zip(STATISTICS, texts, strict=True)]
        lines.append(f"{labels[name]:.<{longest}}: {' '.join(texts)}".rstrip())
    return "\n".join(lines) + "\n"


def human(value: float, metric: Mapping[str, Any]) -> str:
    """Return a value of the metric as k6 prints it."""
    if metric["type"] == "rate":
        return f"{math.trunc(value * 100 * 100) / 100:.2f}%"
    if metric["contains"] == "data":
        return _bytes(value)
    if metric["contains"] == "time":
        return _time(value)
    return _trimmed(value, 6)


def _label(name: str) -> str:
    parent, brace, tags = harmless.terminal(name).partition("{")
    return f"  {{ {tags.removesuffix('}')} }}" if brace else parent


def _simple(metric: Mapping[str, Any]) -> list[str]:
    values = metric["values"]
    if metric["type"] == "counter":
        return [human(values["count"], metric), f"{human(values['rate'], metric)}/s"]
    if metric["type"] == "rate":
        return [human(values["rate"], metric), f"✓ {values['passes']}", f"✗ {values['fails']}"]
    return [
        human(values["value"], metric),
        *(f"{key}={human(values[key], metric)}" for key in ("min", "max")),
    ]


def _pad(table: list[list[str]]) -> None:
    """Pad each column of the rows to its longest text."""
    for column in range(max((len(row) for row in table), default=0)):
        width = max(len(row[column]) for row in table if column < len(row))
        for row in table:
            if column < len(row):
                row[column] = row[column].ljust(width)


def _failed_checks(root: Mapping[str, Any]) -> Iterator[str]:
    for group in _groups(root):
        yield from _failed_in(group)


def _groups(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the group and all in it, each before those that it holds; however deep they are."""
    waiting = [root]
    while waiting:
        group = waiting.pop()
        yield group
        waiting += reversed(group.get("groups", []))


def _failed_in(group: Mapping[str, Any]) -> Iterator[str]:
    for check in group.get("checks", []):
        if check["fails"]:
            share = check["passes"] / (check["passes"] + check["fails"])
            yield f"✗ {harmless.terminal(check['name'])}: {share:.0%}, ✓ {check['passes']} ✗ {check['fails']}"


def _bytes(value: float) -> str:
    if value < 10:  # noqa: PLR2004 - as k6 does
        return f"{value:g} B"
    power = min(math.floor(math.log(value) / math.log(1000)), len(_UNITS) - 1)
    scaled = math.floor(value / 1000**power * 10 + 0.5) / 10
    return f"{_fixed(scaled, 1 if scaled < 10 else 0)} {_UNITS[power]}"  # noqa: PLR2004 - as k6 does


def _time(ms: float) -> str:
    if ms == 0:
        return "0s"
    if ms < 0.001:  # noqa: PLR2004 - from here on: 1 µs, 1 ms, 1 s and 1 min in ms
        return f"{math.trunc(ms * 1_000_000)}ns"
    if ms < 1:
        return f"{_truncated(ms * 1000)}µs"
    if ms < 1000:  # noqa: PLR2004
        return f"{_truncated(ms)}ms"
    minutes, rest_ms = divmod(ms, 60_000)
    if not minutes:
        return f"{_truncated(rest_ms / 1000)}s"
    hours, minutes = divmod(int(minutes), 60)
    seconds = f"{minutes}m{math.trunc(rest_ms / 1000)}s"
    return f"{hours}h{seconds}" if hours else seconds


def _truncated(value: float) -> str:
    return _trimmed(math.trunc(value * 100) / 100, 2)


def _fixed(value: float, digits: int) -> str:
    """Round as JavaScript's `toFixed`: halves away from zero, where Python takes the even neighbour."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _trimmed(value: float, digits: int) -> str:
    text = _fixed(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text
