"""Rules about requests: whether all of them succeeded."""

from __future__ import annotations

from collections.abc import Sequence

from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Row, Rule, Severity

_ALLOWED = Limit(
    name="failures",
    value=0,
    unit="failed requests or checks",
    source="three quarters errors gave 29,000 'requests' per second",
)


def _errors(cell: Cell) -> Answer:
    if not cell.measured:
        return Answer.NOT_JUDGED
    return Answer.when(cell.failed_requests + cell.failed_checks > _ALLOWED.value)


def _their_block(rows: Sequence[Row]) -> str:
    return f"./collect.py k6 {rows[0]['cell']}"


ERRORS = Rule(
    code="errors",
    severity=Severity.VOID,
    applies_to=AppliesTo.CELL,
    meaning="requests or checks failed; errors return fast, so the row is left out of the order",
    needs="a trial that was measured to its end",
    remedy="the trial's logs show the causes, k6's own block the counts",
    judge=_errors,
    limits=(_ALLOWED,),
    example=_their_block,
)
