"""Rules about the measured window: whether it was long enough, and the same from its begin to its end."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tripod.stats.quantiles import FEWEST_BEYOND, merge, percentile, shown
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Row, Rule, Severity

_REQUESTS = Limit(
    name="requests",
    value=100,
    unit="over all trials",
    source="a count of 100 is off by 10 % by chance alone, which is where pyperf warns",
)
_PART = Limit(
    name="a tenth of the window",
    value=0.25,
    unit="of the mean tenth off it, beyond an iteration of every user and four deviations of a count",
    source="chosen: above the scatter of short windows, below a pause of a few seconds in a minute",
)
_DEVIATIONS = 4
_BEYOND = Limit(
    name="values beyond a percentile",
    value=FEWEST_BEYOND,
    unit="requests",
    source="with fewer the percentile is the chance of single requests",
)
_LONGEST_TO_ASK_FOR_S = 86_400


def _short(cell: Cell) -> Answer:
    if not cell.measured:
        return Answer.NOT_JUDGED
    return Answer.when(cell.requests < _REQUESTS.value)


def _unsteady(cell: Cell) -> Answer:
    parts = [figures.parts for figures in cell.figures]
    if not parts or None in parts:
        return Answer.NOT_JUDGED
    return Answer.when(any(_swings(cell, trial) for trial in cell.good))


def _swings(cell: Cell, trial: Trial) -> bool:
    figures = trial.figures
    if figures is None or not figures.parts:
        return False
    mean = sum(figures.parts) / len(figures.parts)
    an_iteration = figures.requests / figures.iterations if figures.iterations else 1.0
    # users of a closed load all begin together, and count together
    in_step = 0.0 if cell.offered_rps is not None else cell.users * an_iteration
    allowed = _PART.value * mean + in_step + _DEVIATIONS * math.sqrt(mean)
    return any(abs(part - mean) > allowed for part in figures.parts)


def _few(cell: Cell) -> Answer:
    durations = [figures.latencies.get("duration_ms") for figures in cell.figures]
    merged = merge([part for part in durations if part is not None])
    if merged is None:
        return Answer.NOT_JUDGED
    highest = max(shown(cell.planned["load"]["duration_s"]).values())
    return Answer.when(percentile(merged, highest) is None)


def _longer(rows: Sequence[Row]) -> str:
    """Return twice the longest window of the rows."""
    longest_s = max(row["load"]["duration_s"] for row in rows)
    return f"-e duration={2 * longest_s:g}s" if 2 * longest_s <= _LONGEST_TO_ASK_FOR_S else ""


SHORT = Rule(
    code="short",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=f"fewer than {_REQUESTS.value:g} requests: the rate is known to a tenth at best",
    needs="a trial that was measured to its end",
    remedy="measure longer",
    judge=_short,
    limits=(_REQUESTS,),
    example=_longer,
)
UNSTEADY = Rule(
    code="unsteady",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning="the rate was not the same all through a trial: a tenth of its window is far off the mean",
    needs="the ten parts of the window, which earlier runs did not count",
    remedy="warm up longer, see what else runs on the hosts, and measure again",
    judge=_unsteady,
    limits=(_PART,),
)
FEW_SAMPLES = Rule(
    code="few-samples",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=f"a percentile that fewer than {_BEYOND.value:g} values lie beyond is left out",
    needs="a successful request",
    remedy="measure longer or more often",
    judge=_few,
    limits=(_BEYOND,),
    example=_longer,
)
