"""Rules about the load: whether it, and not the server, set the rate."""

from __future__ import annotations

from collections.abc import Sequence

from tripod.catalogue.k6 import MOST_VUS
from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Row, Rule, Severity

_SHARE = Limit(
    name="rate",
    value=0.9,
    unit="of the ceiling",
    source="the first write-up's async rows sat at 93-94 % of their ceiling of 240/s",
)


def _capped(cell: Cell) -> Answer:
    ceiling_rps = cell.planned["ceiling_rps"]
    if ceiling_rps is None:
        return Answer.FINE  # a load without pauses has no ceiling
    if cell.rps is None:
        return Answer.NOT_JUDGED
    return Answer.when(cell.rps >= _SHARE.value * ceiling_rps)


def _more_users(rows: Sequence[Row]) -> str:
    """Return twice the users that any of the rows had: that doubles every ceiling."""
    used = max(row["load"]["vus"] for row in rows)
    return f"-e vus={min(2 * used, MOST_VUS)}" if used < MOST_VUS else ""


CAPPED = Rule(
    code="capped",
    severity=Severity.BOUND,
    applies_to=AppliesTo.CELL,
    meaning=(
        f"at {_SHARE.percent} of the load's ceiling or more the load is what was measured: the rate is true "
        "only as 'at least', and has no place in the order"
    ),
    needs="a trial that was measured to its end",
    remedy="offer more load",
    judge=_capped,
    limits=(_SHARE,),
    example=_more_users,
)
