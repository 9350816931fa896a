"""Rules about requests: whether all of them succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Row, Rule, Severity

_ALLOWED = Limit(
    name="failures",
    value=0,
    unit="failed requests or checks",
    source="three quarters errors gave 29,000 'requests' per second",
)


# By kind of failure (tripod.catalogue.k6), what happened to such requests, and what that does to a row.
_KINDS = {
    "timed_out": (
        "timed out",
        "no answer came in time; the duration leaves these out, and its percentiles look better than it was",
    ),
    "refused": ("were refused", "nothing listened; these ended at once, and the duration leaves them out"),
    "no_connection": (
        "got no connection",
        "no route, or no port left on the load host; the duration leaves these out",
    ),
    "broken": ("broke off", "the connection ended before the answer did; the duration leaves these out"),
    "wrong_status": ("got another status than 200", "the duration leaves these out"),
    "wrong_answer": (
        "got a wrong answer with status 200",
        "the duration has these, and such an answer may be quick",
    ),
}


def _errors(cell: Cell) -> Answer:
    if not cell.measured:
        return Answer.NOT_JUDGED
    return Answer.when(cell.failed_requests + cell.failed_checks > _ALLOWED.value)


def _how_they_failed(rows: Sequence[Row]) -> str:
    counts = Counter[str]()
    for row in rows:
        counts.update(row["failures"])
    told = ((count, *_KINDS.get(kind, (kind, "see k6/README.md"))) for kind, count in counts.most_common())
    return ", ".join(f"{count} {happened} ({effect})" for count, happened, effect in told)


def _their_block(rows: Sequence[Row]) -> str:
    return f"./collect.py k6 {rows[0]['cell']}"


ERRORS = Rule(
    code="errors",
    severity=Severity.VOID,
    applies_to=AppliesTo.CELL,
    meaning="requests or checks failed, so the row is left out of the order",
    needs="a trial that was measured to its end",
    remedy="the trial's logs show the causes, k6's own block all counts",
    judge=_errors,
    limits=(_ALLOWED,),
    found=_how_they_failed,
    example=_their_block,
)
