"""A rule about several load hosts: whether they measured the same window."""

from __future__ import annotations

from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

_SKEW = Limit(
    name="time from the first load host's start to the last one's",
    value=0.01,
    unit="of the duration",
    source="chosen: for so long only a part of the load was there, and the rate is off by less than that",
)


def _skewed(cell: Cell) -> Answer:
    if not cell.good:
        return Answer.NOT_JUDGED
    answers = [_of_trial(cell, trial) for trial in cell.good]
    worst_first = (Answer.GIVEN, Answer.NOT_JUDGED)
    return next((answer for answer in worst_first if answer in answers), Answer.FINE)


def _of_trial(cell: Cell, trial: Trial) -> Answer:
    told = (trial.record or {}).get("start_skew") or {}
    if not told and not trial.shared:
        return Answer.FINE  # one load host
    skew_s, error_s = told.get("skew_s"), told.get("error_s")
    most_s = _SKEW.value * cell.planned["load"]["duration_s"]
    if skew_s is None or error_s is None:
        return Answer.NOT_JUDGED
    if skew_s > most_s:
        return Answer.GIVEN
    return Answer.NOT_JUDGED if skew_s + error_s > most_s else Answer.FINE


LOAD_SKEW = Rule(
    code="load-skew",
    severity=Severity.VOID,
    applies_to=AppliesTo.CELL,
    meaning=(
        f"several load hosts began to measure over {_SKEW.percent} of the duration apart: for so long, only "
        "a part of the load was there"
    ),
    needs="when each load host began, and how far their clocks are apart, to less than that",
    remedy="see in start_skew of a trial's record.json which was late; measure longer, or let clocks settle",
    judge=_skewed,
    limits=(_SKEW,),
)
