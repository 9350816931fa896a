"""A rule about time: whether the machine that made the load was awake all the time."""

from __future__ import annotations

from tripod.verdicts.evidence import Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

_SLEPT = Limit(
    name="slept",
    value=1,
    unit="s",
    source="sleep takes seconds; a busy machine is late by tenths between two looks at its clocks",
)


def _slept(trial: Trial) -> Answer:
    slept_s = trial.record["seconds"].get("slept") if trial.record else None
    return Answer.NOT_JUDGED if slept_s is None else Answer.when(slept_s >= _SLEPT.value)


SLEPT = Rule(
    code="slept",
    severity=Severity.VOID,
    applies_to=AppliesTo.TRIAL,
    meaning="a load host slept during a trial: k6 counts that time as the app's",
    needs="a trial that was measured to its end, since records tell it",
    remedy="keep the lid open and the machine on mains power, and measure again",
    judge=_slept,
    limits=(_SLEPT,),
)
