"""A rule about clocks: whether a wall clock was set while a trial was measured."""

from __future__ import annotations

from tripod.stats.activity import Activity
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
    steps = [_step_s(host) for host in trial.hosts]
    *_, of_app, of_db = beyond = [step_s is not None and step_s >= _STEP.value for step_s in steps]
    if any(beyond[:-2]):
        return Answer.GIVEN
    if of_app or of_db:
        return Answer.MILDLY
    return Answer.NOT_JUDGED if None in steps else Answer.FINE


def _step_s(host: Activity | None) -> float | None:
    """Return by how much a host's wall clock moved beyond what slewing may do; None if unknown."""
    if host is None or host.clock_step_s is None:
        return None
    return abs(host.clock_step_s) - _SLEW * host.seconds


CLOCK_STEP = Rule(
    code="clock-step",
    severity=Severity.VOID,
    milder=Severity.NOTE,
    mild_where="where it was not a load host's",
    applies_to=AppliesTo.TRIAL,
    meaning="the wall clock of a host was set while it was measured: k6 takes its timings from it",
    needs="both clocks of all hosts",
    remedy="let the clock settle before a run (timedatectl, chronyc waitsync), and measure again",
    judge=_stepped,
    limits=(_STEP,),
)
