"""How the progress of a run reads: lines below each other in a log, a part of the screen in a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from tripod.report import harmless
from tripod.report.columns import AT_LEAST, rate
from tripod.report.progress import Found, Progress
from tripod.report.terminal import STYLES
from tripod.verdicts.rule import Severity

_BAR = 24
_FULL, _EMPTY = "━", "─"
_MINUTE_S, _HOUR_S = 60, 3600
# Lines that the screen keeps for what is printed above.
_KEPT_FREE = 3
_LEAST_TABLE = 3
_CELL = 24


def time_text(seconds: float) -> str:
    """Return a length of time as people say it: 9 s, 2 min 10 s, 45 min, 1 h 05 min."""
    whole = math.ceil(seconds)
    if whole < 2 * _MINUTE_S:
        return f"{whole} s"
    if whole < 10 * _MINUTE_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S:02d} s"
    minutes = math.ceil(seconds / _MINUTE_S)
    if minutes < _HOUR_S / _MINUTE_S:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def begun(progress: Progress, now: float) -> str:
    """Return the line of a trial that begins."""
    trial = progress.current
    if trial is None:
        return ""
    left = time_text(progress.left_s(now))
    return harmless.plain(f"  {progress.ended + 1}/{progress.of} {trial['trial']}, {left} left")


def outcome(found: Found) -> str:
    """Return the line of what is known of a cell after one of its trials."""
    known = "no rate" if found.rps is None else f"{_rate(found)} req/s"
    if found.of > 1:
        known += f" over {found.ended} of {found.of} trials"
    return harmless.plain(f"    {known}{_said(found)}")


def failed(told: Mapping[str, Any]) -> str:
    """Return what is said at once of a trial that failed."""
    text = f"failed, and the run goes on: {', '.join(told['reasons'])}: {told['message']}"
    return harmless.lines(f"    {text}")


def ended(progress: Progress, now: float) -> str:
    """Return the line that stands where the screen had the progress."""
    failures = f", {progress.failed} of them failed" if progress.failed else ""
    return f"  {progress.ended} trials in {time_text(progress.run_s(now))}{failures}"


def clocks(progress: Progress, now: float, width: int) -> list[str]:
    """Return the lines that change every second: which trial, how far it is, and how far the run is."""
    trial = progress.current
    if trial is None:
        return []
    block = (
        f", block {trial.get('block', trial['repeat'])} of {progress.blocks}" if progress.blocks > 1 else ""
    )
    whole_s, left_s = progress.trial_s(), progress.left_s(now)
    lines = [
        f"Trial {progress.ended + 1} of {progress.of}{block}: {trial['trial']}",
        _clock("trial", progress.trial_left_s(now), whole_s),
        _clock("run", left_s, progress.run_s(now) + left_s),
    ]
    return [_cut(harmless.plain(line), width) for line in lines]


def table(progress: Progress, width: int, height: int) -> list[Text]:
    """Return the table of what was found so far, of at most so many lines; none without room for it.

    All cells in the order of the matrix where they have room; else those that were measured, fastest first.
    """
    room = height - 1 - _KEPT_FREE
    if room < _LEAST_TABLE:
        return []
    rows = list(progress.found.values())
    left_out = ""
    if len(rows) > room:
        measured = sorted((row for row in rows if row.ended), key=lambda row: -(row.rps or 0.0))
        waiting = [row for row in rows if not row.ended]
        rows, more = (measured + waiting)[: room - 1], len(rows) - (room - 1)
        left_out = f"and {more} more cells"
    names = min(max((cell_len(row.cell) for row in rows), default=0), max(width - _CELL, _CELL))
    lines = [Text(_cut(f"{'cell':<{names}}  trials      req/s  said of it", width), style="dim")]
    lines += [Text(_cut(_row(row, names), width), style=_style(row)) for row in rows]
    return [*lines, Text(left_out, style="dim")] if left_out else lines


def _row(row: Found, names: int) -> str:
    name = _cut(harmless.plain(row.cell), names)
    trials = f"{row.ended}/{row.of}"
    return f"{set_cell_size(name, names)}  {trials:>6}  {_rate(row):>9}  {_verdict(row)}".rstrip()


def _rate(found: Found) -> str:
    """Return the rate so far, with the sign of one that is true only as "at least"."""
    if found.rps is None:
        return ""
    return f"{AT_LEAST} {rate(found.rps)}" if found.severity is Severity.BOUND else rate(found.rps)


def _verdict(found: Found) -> str:
    """Return what is said of a cell; first that it is void or failed, which colours alone must not tell."""
    codes = ", ".join(found.codes)
    return f"{found.severity.word}: {codes}" if found.severity and found.severity.below else codes


def _style(row: Found) -> str:
    if not row.ended:
        return "dim"
    return STYLES[row.severity] if row.severity else "none"


def _said(found: Found) -> str:
    return f"; {_verdict(found)}" if found.codes else ""


def _clock(name: str, left_s: float, whole_s: float) -> str:
    share = 1.0 if whole_s <= 0 else min(max(1 - left_s / whole_s, 0.0), 1.0)
    full = round(share * _BAR)
    return (
        f"  {name:<5} {_FULL * full}{_EMPTY * (_BAR - full)} {time_text(left_s)} left of {time_text(whole_s)}"
    )


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"
