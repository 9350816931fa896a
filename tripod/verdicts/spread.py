"""Rules about the spread over a cell's trials."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Row, Rule, Severity

_DEVIATION = Limit(
    name="standard deviation over trials", value=0.1, unit="of their mean", source="pyperf's warnings"
)
_FARTHEST = Limit(name="farthest trial", value=0.5, unit="of their mean off it", source="pyperf's warnings")
_FEWEST_TRIALS = 2
_FEWEST_TO_ASK_FOR, _MOST_TO_ASK_FOR = 5, 1000


def _wide(cell: Cell) -> Answer:
    rates = cell.rps_per_trial
    if len(rates) < _FEWEST_TRIALS:
        return Answer.NOT_JUDGED
    mean = statistics.fmean(rates)
    if mean == 0:
        return Answer.FINE
    farthest = max(abs(rps - mean) for rps in rates)
    return Answer.when(
        statistics.stdev(rates) >= _DEVIATION.value * mean or farthest >= _FARTHEST.value * mean
    )


def _longer(rows: Sequence[Row]) -> str:
    """Return twice the length and twice the trials that any of the rows had."""
    seconds = 2 * max(row["load"]["duration_s"] for row in rows)
    repeats = max(2 * max(row["trials"] for row in rows), _FEWEST_TO_ASK_FOR)
    return f"-e duration={seconds:g}s -e repeats={min(repeats, _MOST_TO_ASK_FOR)}"


WIDE_SPREAD = Rule(
    code="wide-spread",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=(
        f"the trials differ: their standard deviation is at least {_DEVIATION.percent} of the mean, "
        f"or one is at least {_FARTHEST.percent} off it"
    ),
    needs="two trials that were measured to their end",
    remedy="quieten the hosts, or measure longer and more often",
    judge=_wide,
    limits=(_DEVIATION, _FARTHEST),
    example=_longer,
)
