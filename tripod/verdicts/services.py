"""A rule about services: whether those that began a trial also ended it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.stats.activity import ServiceActivity
from tripod.verdicts.evidence import Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

_RESTARTS = Limit(
    name="restarts", value=0, unit="processes", source="a worker that is killed takes its requests with it"
)
# What gunicorn's master logs of a worker that was silent for its --timeout.
_TIMEOUT = "WORKER TIMEOUT"


def _restarted(trial: Trial) -> Answer:
    if trial.record is None or trial.figures is None:
        return Answer.NOT_JUDGED
    app = trial.record["services"]["app"]
    timeout = any(_TIMEOUT in line for line in app["log_tail"]) if app else False
    lost = [_lost(trial.service("app")), _lost(trial.service("db"), _of_database(trial.record))]
    if timeout or any(count > _RESTARTS.value for count in lost if count is not None):
        return Answer.GIVEN
    return Answer.NOT_JUDGED if None in lost else Answer.FINE


def _of_database(record: Mapping[str, Any]) -> frozenset[int] | None:
    """Return the database's processes that must stay; None means all.

    Those of PostgreSQL but its main one are sessions, which come and go as the app connects.
    """
    if record.get("fakedb"):
        return None
    main_pid = (record["services"]["db"] or {}).get("main_pid")
    return frozenset() if main_pid is None else frozenset({main_pid})


def _lost(service: ServiceActivity | None, must_stay: frozenset[int] | None = None) -> int | None:
    """Return its restarts and the processes that were there only at the window's begin; None if unknown.

    Args:
        service: what it did.
        must_stay: the processes that count; None means all.

    """
    if service is None:
        return None
    before, after = service.pids_before, service.pids_after
    known = before is not None and after is not None and must_stay != frozenset()
    gone = set(before or ()) - set(after or ()) if known else set()
    count = len(gone if must_stay is None else gone & must_stay) + (service.restarts or 0)
    return count if known or count else None


RESTARTED = Rule(
    code="restarted",
    severity=Severity.VOID,
    applies_to=AppliesTo.TRIAL,
    meaning=(
        "a process of the app or of the fake database, or PostgreSQL's main one, ended in the measured "
        "window, or was silent and killed"
    ),
    needs="the process ids of the services before and after",
    remedy="see the tail of its log in the trial's record.json",
    judge=_restarted,
    limits=(_RESTARTS,),
)
