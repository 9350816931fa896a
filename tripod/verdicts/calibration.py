"""A rule about the hosts: whether the same work took them the same time around a cell's trials."""

from __future__ import annotations

from collections.abc import Sequence

from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

_SLOWER = Limit(
    name="slowest of a host's calibrations over its fastest",
    value=0.1,
    unit="of the fastest",
    source="846 times of three hosts over 42 minutes: six of each host are so far apart in 4 draws of 10,000 "
    "(0.08 in 2 of 100); 1,600 times beside up to four busy loops: any six in a row within 0.04",
)
_FEWEST = 2


def spread(times: Sequence[float]) -> float:
    """Return by which share of the fastest the slowest time is above it."""
    return max(times) / min(times) - 1


def times_of(cell: Cell) -> dict[str, list[float]]:
    """Return host → what its calibrations around the cell's trials took, in seconds."""
    found: dict[str, list[float]] = {}
    for trial in cell.trials:
        for host, told in ((trial.record or {}).get("calibration") or {}).items():
            found.setdefault(host, []).extend(time for time in told.values() if time)
    return found


def _noisy(cell: Cell) -> Answer:
    judged = [times for times in times_of(cell).values() if len(times) >= _FEWEST]
    if not judged or not cell.measured:
        return Answer.NOT_JUDGED
    return Answer.when(max(map(spread, judged)) >= _SLOWER.value)


NOISY_HOST = Rule(
    code="noisy-host",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=(
        "a host was not always equally fast: the same fixed work, before services start and after they stop, "
        f"took it at least {_SLOWER.percent} longer at one time than at another"
    ),
    needs="a host that was timed twice around trials",
    remedy="see what else runs there and on its hardware (`readiness` in hosts.json), and repeat",
    judge=_noisy,
    limits=(_SLOWER,),
)
