"""The latencies of cells in the terminal: percentiles per route, and a histogram of all requests."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tripod.report import harmless
from tripod.report.columns import NOTHING, significant
from tripod.stats.quantiles import (
    FEWEST_BEYOND,
    SHORTEST_FOR_TAIL_S,
    Distribution,
    is_told,
    merge,
    percentile,
)
from tripod.verdicts.evidence import Cell

PERCENTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
ALL = "all successful"

# Bounds of a histogram in each power of ten, where values go over more than one; else equal steps.
_PER_DECADE = ((1, 2, 5), (1, 1.5, 2, 3, 5, 7))
_WIDE = 8
_MOST_BARS = 18
_MOST_BAR = 60
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_ASCII = " #"
_LABEL = 30
_ANY_WIDTH = 10_000
# What gives way in a narrow terminal, the first first.
_LEAST_NEEDED = ("p75", "mean", "min", "p90")


def distributions(cell: Cell) -> dict[str, Distribution]:
    """Return route → its latency over all good trials; first that of all successful requests."""
    known = (figures.latencies.get("duration_ms") for figures in cell.figures)
    merged = merge([found for found in known if found is not None])
    return ({} if merged is None else {ALL: merged}) | of_routes(cell)


def of_routes(cell: Cell) -> dict[str, Distribution]:
    """Return route → its latency over all good trials, in the order of their names."""
    names = sorted({name for figures in cell.figures for name in figures.routes})
    merged = {
        name: merge([figures.routes[name] for figures in cell.figures if name in figures.routes])
        for name in names
    }
    return {name: found for name, found in merged.items() if found is not None}


def percentiles(distribution: Distribution, window_s: float) -> dict[str, float | None]:
    """Return each of `PERCENTILES` in ms; None where few values lie beyond, or the window is short."""
    return {
        name: percentile(distribution, share) if is_told(share, window_s) else None
        for name, share in PERCENTILES.items()
    }


def histogram(distribution: Distribution) -> list[tuple[float, float | None, float]]:
    """Return bars: from (ms), to (ms; None: no end), and the share of the values between."""
    bounds = _bounds(distribution.quantile(0.001), distribution.quantile(0.999))
    ends = [distribution.share_below(bound) for bound in bounds]
    bars: list[tuple[float, float | None, float]] = [
        (low, high, above - below)
        for (low, high), (below, above) in zip(pairwise(bounds), pairwise(ends), strict=True)
    ]
    if ends[0] > 0:
        bars.insert(0, (0.0, bounds[0], ends[0]))
    if ends[-1] < 1:
        bars.append((bounds[-1], None, 1 - ends[-1]))
    return bars


def _bounds(least: float, greatest: float) -> list[float]:
    """Return round bounds of few bars that hold what lies between."""
    if least > 0 and greatest / least > _WIDE:
        return next(
            (
                found
                for marks in reversed(_PER_DECADE)
                if len(found := _marks(marks, least, greatest)) <= _MOST_BARS
            ),
            _marks((1,), least, greatest),
        )
    step = _step((greatest - least) / _MOST_BARS or max(abs(greatest), 1e-3) / _MOST_BARS)
    first, last = math.floor(least / step), math.floor(greatest / step) + 1
    return [round(number * step, 9) for number in range(first, last + 1)]


def _marks(marks: Sequence[float], least: float, greatest: float) -> list[float]:
    """Return the marks of each power of ten, from below the least to above the greatest."""
    decades = range(math.floor(math.log10(least)), math.floor(math.log10(greatest)) + 2)
    found = [round(mark * 10.0**decade, 9) for decade in decades for mark in marks]
    inside = [bound for bound in found if least < bound <= greatest]
    before = [bound for bound in found if bound <= least][-1:]
    after = [bound for bound in found if bound > greatest][:1]
    return [*before, *inside, *after]


def _step(least: float) -> float:
    """Return the first of 1, 2, 5, 10 … (times a power of ten) that is no smaller."""
    decade = 10.0 ** math.floor(math.log10(least))
    return next(mark * decade for mark in (1, 2, 5, 10) if mark * decade >= least)


def print_latency(cell: Cell, console: Console) -> None:
    """Print a cell's latencies, at the console's width."""
    planned = cell.planned
    console.print(Text(harmless.terminal(f"{planned['cell']}: {planned['command']}"), style="bold"))
    found = distributions(cell)
    if not found:
        console.print(Text("no trial was measured to its end"))
        return
    window_s = planned["load"]["duration_s"]
    names = [harmless.terminal(name) for name in found]
    console.print(_percentile_table(names, list(found.values()), window_s, console))
    if any(None in percentiles(distribution, window_s).values() for distribution in found.values()):
        console.print(
            Text(
                f"{NOTHING}: fewer than {FEWEST_BEYOND} values lie beyond it, or it is above the p95 of "
                f"trials shorter than {SHORTEST_FOR_TAIL_S} s"
            )
        )
    first = next(iter(found))
    console.print(Text(f"\n{names[0] if first == ALL else first}, share of the requests:"))
    for line in bars(histogram(found[first]), console.width, ascii_only=not _has_blocks(console)):
        console.print(Text(line), soft_wrap=True)


def _percentile_table(
    names: Sequence[str], found: Sequence[Distribution], window_s: float, console: Console
) -> Table:
    """Return a line for each distribution, in ms, with as many columns as the console has room for."""
    titles = ["requests", "mean", "min", *PERCENTILES, "max"]
    while True:
        grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        grid.add_column("ms", no_wrap=True, overflow="ellipsis", max_width=_LABEL)
        for title in titles:
            grid.add_column(title, justify="right", no_wrap=True)
        for name, distribution in zip(names, found, strict=True):
            told = {
                "mean": distribution.avg,
                "min": distribution.least,
                **percentiles(distribution, window_s),
                "max": distribution.greatest,
            }
            texts = {key: NOTHING if value is None else significant(value) for key, value in told.items()}
            texts["requests"] = f"{distribution.count:.0f}"
            grid.add_row(Text(name), *(Text(texts[title]) for title in titles))
        given_up = next((title for title in _LEAST_NEEDED if title in titles), None)
        if given_up is None or _width(grid, console) <= console.width:
            return grid
        titles.remove(given_up)


def _width(grid: Table, console: Console) -> int:
    """Return the characters that a table needs, however wide the console is."""
    return console.measure(grid, options=console.options.update(width=_ANY_WIDTH)).maximum


def bars(
    histogram: Sequence[tuple[float, float | None, float]], width: int, *, ascii_only: bool
) -> Iterator[str]:
    """Give a line for each bar of a histogram, of at most so many characters."""
    labels = [
        f"{low:g} - {high:g} ms" if high is not None else f"from {low:g} ms" for low, high, _ in histogram
    ]
    margin = max(cell_len(label) for label in labels)
    room = max(min(width - margin - len("    100.00 %"), _MOST_BAR), 1)
    most = max(share for *_, share in histogram)
    for label, (*_, share) in zip(labels, histogram, strict=True):
        bar = _bar(share / most * room, ascii_only=ascii_only)
        yield f"  {label:>{margin}}  {bar} {100 * share:.2f} %"


def _bar(length: float, *, ascii_only: bool) -> str:
    marks = _ASCII if ascii_only else _EIGHTHS
    parts = round(length * (len(marks) - 1))
    whole, rest = divmod(parts, len(marks) - 1)
    return marks[-1] * whole + (marks[rest] if rest else "")


def _has_blocks(console: Console) -> bool:
    try:
        _EIGHTHS.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def of_cells(cells: Mapping[str, Cell], names: Sequence[str], console: Console) -> None:
    """Print the latencies of these cells, one below the other."""
    for number, name in enumerate(names):
        if number:
            console.print()
        print_latency(cells[name], console)
