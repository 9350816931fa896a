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


def of_run(trials: Iterable[Trial]) -> dict[str, tuple[float, ...]]:
    """Return host → the fastest of its calibrations around each trial of a run, in seconds."""
    found: dict[str, list[float]] = {}
    for trial in trials:
        for host, time in fastest_of(trial).items():
            found.setdefault(host, []).append(time)
    return {host: tuple(times) for host, times in found.items()}


def _noisy(cell: Cell) -> Answer:
    known = {host: min(times) for host, times in cell.calibrations.items() if len(times) >= _FEWEST}
    slower = [
        time / known[host] - 1
        for trial in cell.good
        for host, time in fastest_of(trial).items()
        if host in known
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
