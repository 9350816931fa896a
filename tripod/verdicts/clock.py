"""A rule about clocks: whether a wall clock was set while a trial was measured."""

from __future__ import annotations

from tripod.catalogue.legs import LEGS
from tripod.verdicts.evidence import Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

_STEP = Limit(
    name="wall clock against the monotonic one",
    value=0.01,
    unit="s beyond what slewing may do (0.0005 s a second)",
    source="the kernel slews by at most 500 ppm; k6 takes its timings from the wall clock",
)
_SLEW = 0.0005


def _stepped(trial: Trial) -> Answer:
    steps = {
        leg: abs(host.clock_step_s) - _SLEW * host.seconds
        for leg, host in trial.activity.items()
        if host.clock_step_s is not None
    }
    beyond = [leg for leg, step_s in steps.items() if step_s >= _STEP.value]
    if "load" in beyond:
        return Answer.GIVEN
    if beyond:
        return Answer.MILDLY
    return Answer.FINE if set(LEGS) <= set(steps) else Answer.NOT_JUDGED


CLOCK_STEP = Rule(
    code="clock-step",
    severity=Severity.VOID,
    milder=Severity.NOTE,
    mild_where="where it was not the load host's",
    applies_to=AppliesTo.TRIAL,
    meaning="the wall clock of a host was set while it was measured: k6 takes its timings from it",
    needs="both clocks of all hosts",
    remedy="let the clock settle before a run (timedatectl, chronyc waitsync), and measure again",
    judge=_stepped,
    limits=(_STEP,),
)
