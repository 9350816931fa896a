"""A rule about services: whether those that began a trial also ended it."""

from __future__ import annotations

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
    services = [trial.service("app"), trial.service("db")]
    app = trial.record["services"]["app"]
    timeout = any(_TIMEOUT in line for line in app["log_tail"]) if app else False
    if timeout or any(_lost(service) for service in services if service):
        return Answer.GIVEN
    return Answer.FINE if all(service and _told(service) for service in services) else Answer.NOT_JUDGED


def _lost(service: ServiceActivity) -> bool:
    """Whether the service was restarted, or a process that was there at the window's begin went away."""
    before, after = service.pids_before, service.pids_after
    gone = set(before) - set(after) if before is not None and after is not None else set()
    return len(gone) + (service.restarts or 0) > _RESTARTS.value


def _told(service: ServiceActivity) -> bool:
    return service.pids_before is not None and service.pids_after is not None


RESTARTED = Rule(
    code="restarted",
    severity=Severity.VOID,
    applies_to=AppliesTo.TRIAL,
    meaning="a process of the app or of the database ended in the measured window, or was silent and killed",
    needs="the process ids of the services before and after",
    remedy="see the tail of its log in the trial's record.json",
    judge=_restarted,
    limits=(_RESTARTS,),
)
