"""A rule about the hosts: whether the same work took them the same time around all trials of a run."""

from __future__ import annotations

from collections.abc import Iterable

from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

_SLOWER = Limit(
    name="a host's calibration around a trial over the run's fastest",
    value=0.1,
    unit="of the fastest",
    source="174 trials on three quiet hosts: 89 of 1,044 single times were so far off, both times around a "
    "trial in 6 of 522; beside up to four busy loops any six of 1,600 in a row within 0.04",
)
_FEWEST = 2


def fastest_of(trial: Trial) -> dict[str, float]:
    """Return host → the fastest of its calibrations around a trial, in seconds.

    Of the two, before and after, the faster counts: a slow moment at one of them is not a slow trial.
    """
    told = (trial.record or {}).get("calibration") or {}
    known = {host: [time for time in times.values() if time] for host, times in told.items()}
    return {host: min(times) for host, times in known.items() if times}


def fastest_of_run(trials: Iterable[Trial]) -> dict[str, float]:
    """Return host → the fastest of its calibrations around all trials of a run, in seconds.

    A host that was timed around fewer than two is left out: nothing tells how fast it can be.
    """
    found: dict[str, list[float]] = {}
    for trial in trials:
        for host, time in fastest_of(trial).items():
            found.setdefault(host, []).append(time)
    return {host: min(times) for host, times in found.items() if len(times) >= _FEWEST}


def _noisy(cell: Cell) -> Answer:
    fastest = cell.fastest_calibration
    slower = [
        time / fastest[host] - 1
        for trial in cell.good
        for host, time in fastest_of(trial).items()
        if host in fastest
    ]
    return Answer.when(max(slower) >= _SLOWER.value) if slower else Answer.NOT_JUDGED


NOISY_HOST = Rule(
    code="noisy-host",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=(
        "a host was slower around a trial than it can be: the same fixed work, both before services started "
        f"and after they had stopped, took it {_SLOWER.percent} longer than at its fastest in a run, or more"
    ),
    needs="a host that was timed around two trials of the run",
    remedy="see what else runs there and on its hardware (`readiness` in hosts.json), and repeat",
    judge=_noisy,
    limits=(_SLOWER,),
)
