"""Rules about the database: whether it did what the requests should have made it do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity
from tripod.verdicts.stations import database as busy
from tripod.verdicts.work import mean

_QUERIES = Limit(
    name="difference",
    value=0.01,
    unit="of the queries that the requests need",
    source="chosen: the fault looked for is one query more per request, far above it",
)
_AT_START = Limit(
    name="beyond them",
    value=5,
    unit="queries per process",
    source="SQLAlchemy sends three queries in a process's first connection",
)
_VIEWS = Limit(name="difference", value=0, unit="views", source="a lost update is a fault at any number")

_FULL = Limit(
    name="the database's cores, or the fake one's process",
    value=0.9,
    unit="used",
    source="chosen: above it what is added waits for a core",
)
_LATE_MS = Limit(
    name="mean error of the latency",
    value=1,
    unit="ms",
    source="the fake database's target is a median of at most 1 ms",
)
_LATE = Limit(
    name="beyond that",
    value=0.05,
    unit="of the latency",
    source="chosen: half of what rates of one cell differ by",
)

# A request that failed may have sent its queries, and have been counted.
_NEEDS = "the database's counts, and no failed request"


def _counted(cell: Cell, claim: str, count: str) -> tuple[float, float, int] | Answer:
    """Return what was counted, what the requests should have made of it, and of how many processes.

    Args:
        cell: the evidence.
        claim: key of the plan's cell, per request.
        count: key of the record's `database`.

    """
    per_request = cell.planned.get(claim)
    if per_request is None:
        return Answer.FINE  # nothing is claimed where no real database is asked
    side = cell.side
    counted = side.sums[count] if side else None
    if side is None or counted is None or cell.failed_requests + cell.failed_checks:
        return Answer.NOT_JUDGED
    return counted, per_request * side.requests, cell.planned["workers"] * side.trials


def _queries_off(cell: Cell) -> Answer:
    found = _counted(cell, "queries_per_request", "queries")
    if isinstance(found, Answer):
        return found
    counted, claimed, processes = found
    return Answer.when(abs(counted - claimed) > max(_QUERIES.value * claimed, _AT_START.value * processes))


def _views_off(cell: Cell) -> Answer:
    found = _counted(cell, "views_per_request", "views_added")
    if isinstance(found, Answer):
        return found
    counted, claimed, _ = found
    return Answer.when(abs(counted - claimed) > _VIEWS.value)


QUERIES_OFF = Rule(
    code="queries-off",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=(
        f"the queries that the database counted are more than {_QUERIES.percent} off those that "
        f"the requests need (beyond {_AT_START.value:g} per process, which an ORM may send when it starts)"
    ),
    needs=_NEEDS,
    remedy="the trial's record.json lists the statements that were counted",
    judge=_queries_off,
    limits=(_QUERIES, _AT_START),
)
VIEWS_OFF = Rule(
    code="views-off",
    severity=Severity.VOID,
    applies_to=AppliesTo.CELL,
    meaning="the view counts in the database did not rise by what the successful requests should have added",
    needs=_NEEDS,
    remedy="updates were lost or made twice; record.json has views_added to compare with the requests",
    judge=_views_off,
    limits=(_VIEWS,),
)


def _full(cell: Cell) -> Answer:
    share = mean(cell, lambda trial: busy(cell, trial))
    return Answer.NOT_JUDGED if share is None else Answer.when(share >= _FULL.value)


def _delay_off(cell: Cell) -> Answer:
    if cell.planned["db_sleep_ms"] is None and cell.measured:
        return Answer.FINE  # another database's time is its own
    told = [trial.record.get("fakedb") if trial.record else None for trial in cell.good]
    if not told or None in told:
        return Answer.NOT_JUDGED
    if not any(_off(found) for found in told if found):
        return Answer.FINE
    return Answer.GIVEN if cell.apart("db", "load", "app") else Answer.MILDLY


def _off(fakedb: Mapping[str, Any]) -> bool:
    """Whether answers came before they were due, or later than allowed on average.

    That is judged in the measured window; over the whole trial where none is known, as in earlier records.
    """
    window, whole = fakedb.get("window"), fakedb["error_ms"]
    early, mean_ms = (window["early"], window["mean_ms"]) if window else (whole["early"], whole["mean"])
    return bool(early > 0 or (mean_ms or 0.0) > _LATE_MS.value + _LATE.value * fakedb["sleep_ms"])


DB_SATURATED = Rule(
    code="db-saturated",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=f"the database's cores, or the fake one's process, were used {_FULL.percent} or more",
    needs="the CPU time of the database",
    remedy="give the database a host of its own, or more cores; rows that it limits do not tell stacks apart",
    judge=_full,
    limits=(_FULL,),
)
DB_DELAY_OFF = Rule(
    code="db-delay-off",
    severity=Severity.VOID,
    milder=Severity.NOTE,
    mild_where="where the database shares its cores with another leg",
    applies_to=AppliesTo.CELL,
    meaning=(
        "the fake database did not give the latency that was asked for in the measured window: it was early, "
        "or late on average"
    ),
    needs="the fake database's histogram",
    remedy="record.json has it (fakedb.window, fakedb.histogram); see what else runs on the DB host",
    judge=_delay_off,
    limits=(_LATE_MS, _LATE),
)
