"""Rules about concurrency: whether slots did what they promise, and whether the figures obey Little's law."""

from __future__ import annotations

from tripod.verdicts import limits, slots
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity
from tripod.verdicts.work import mean

_BELOW = Limit(
    name="most requests at the database at once",
    value=1,
    unit="times the lesser of slots and users",
    source="slots that are the limit are all in use at some time",
)
_OFF = Limit(
    name="off 1",
    value=0.02,
    unit="of what must be equal",
    source="chosen: clocks and counters agree far better",
)


def _below(cell: Cell) -> Answer:
    occupied = mean(cell, lambda trial: slots.occupancy(cell, trial))
    seen = slots.seen_in(cell)
    # PostgreSQL's are samples: the most of them is no maximum
    if occupied is None or occupied < limits.SLOTS.value or seen is None:
        return Answer.NOT_JUDGED
    if cell.planned["database"] != "fakedb":
        return Answer.NOT_JUDGED
    users = cell.users
    return Answer.when(seen < _BELOW.value * min(slots.claimed_by(cell) or users, users))


def _littles_law(cell: Cell) -> Answer:
    answers = {
        answer for trial in cell.trials for answer in (_of_users(cell, trial), _of_database(cell, trial))
    }
    if Answer.GIVEN in answers:
        return Answer.GIVEN if cell.apart("load", "app", "db") and cell.apart("app", "db") else Answer.MILDLY
    return Answer.FINE if Answer.FINE in answers else Answer.NOT_JUDGED


def _of_users(cell: Cell, trial: Trial) -> Answer:
    """Judge a closed load: its users are in an iteration from the start to the end of each one's last.

    That is users x duration, and their drains. Earlier summaries tell the longest drain alone: then it is
    nothing at least, and that for each user at most.
    """
    figures = trial.figures
    iteration = figures.latencies.get("iteration_ms") if figures else None
    drain_s = trial.record["seconds"].get("drain") if trial.record else None
    if figures is None or iteration is None or drain_s is None or cell.offered_rps is not None:
        return Answer.NOT_JUDGED
    load, drains_s = cell.planned["load"], figures.drains_s
    in_window_s = load["vus"] * load["duration_s"]
    least_s, most_s = (0.0, load["vus"] * drain_s) if drains_s is None else (drains_s, drains_s)
    return _between(iteration.count * iteration.avg / 1000, in_window_s + least_s, in_window_s + most_s)


def _of_database(cell: Cell, trial: Trial) -> Answer:
    """Judge any load: what the database had in flight on average x time is k6's rate x time x time of a call.

    All of the trial counts: it begins and ends with nothing in flight, so that no call lies half in it. Calls
    of requests that failed are not known, and abandoned ones waited for no longer than an answer takes.
    """
    figures, requests = trial.figures, trial.requests_in_all
    fake = trial.record.get("fakedb") if trial.record and figures else None
    held_s, calls = fake.get("held_s") if fake else None, cell.planned.get("db_calls_per_request")
    if figures is None or fake is None or not held_s or not fake["sleep_ms"]:
        return Answer.NOT_JUDGED
    if not calls or not requests or figures.failed_requests + figures.failed_checks:
        return Answer.NOT_JUDGED
    each_s = (fake["sleep_ms"] + (fake["error_ms"]["mean"] or 0.0)) / 1000
    asked_s = requests * calls * each_s
    return _between(held_s, asked_s, asked_s + fake["abandoned"] * each_s)


def _between(found: float, least: float, most: float) -> Answer:
    return Answer.when(found < (1 - _OFF.value) * least or found > (1 + _OFF.value) * most)


BELOW_CONCURRENCY = Rule(
    code="below-concurrency",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning="the app worked on fewer requests at once than its command promises, and that was its limit",
    needs="a limit by slots, and the fake database's greatest number in flight",
    remedy="look for calls that block an event loop, or for a pool or lock that is smaller than the slots",
    judge=_below,
    limits=(_BELOW, slots.SEEN),
)
LITTLES_LAW = Rule(
    code="littles-law",
    severity=Severity.VOID,
    milder=Severity.NOTE,
    mild_where="where legs share a machine",
    applies_to=AppliesTo.CELL,
    meaning=(
        f"figures that must agree are over {_OFF.percent} apart: users x duration and drains, and the "
        "sum of all iterations; or what the database had in flight x time, and the calls of k6's requests x "
        "the time of each"
    ),
    needs="iteration times and the drains, or the fake database's counts and no failed request",
    remedy="see whether k6 or the database lacked CPU; rates and latencies of this row contradict each other",
    judge=_littles_law,
    limits=(_OFF,),
)
