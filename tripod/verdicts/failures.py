"""Why a trial was not measured to its end: the codes that a record, or the reader of a run, gives it."""

from __future__ import annotations

from tripod.catalogue import lease
from tripod.catalogue.shapes import MISSED_ALLOWED
from tripod.verdicts.evidence import Trial
from tripod.verdicts.rule import Answer, AppliesTo, Rule, Severity

_LOG = "see the tail of its log in the trial's record.json"


def _failure(code: str, meaning: str, remedy: str) -> Rule:
    def judge(trial: Trial) -> Answer:
        return Answer.when(code in trial.failure)

    return Rule(
        code=code,
        severity=Severity.FAILED,
        applies_to=AppliesTo.TRIAL,
        meaning=meaning,
        needs="nothing",
        remedy=remedy,
        judge=judge,
    )


NOT_RUN = _failure(
    "not-run", "the trial has no record.json: it was not reached, or the file was lost", "run it again"
)
DAMAGED = _failure(
    "damaged",
    "a file of the trial cannot be read",
    "the file is named below; remove it and type ./collect.py pull",
)
APP_GONE = _failure("app-gone", "the app stopped answering during the trial", _LOG)
DB_GONE = _failure("db-gone", "the database stopped answering during the trial", _LOG)
START_FAILED = _failure("start-failed", "a service did not start", _LOG)
NOT_READY = _failure("not-ready", "a service started but never proved ready", _LOG)
PORT_TAKEN = _failure(
    "port-taken", "something that Tripod did not start answers on the port", "stop it, or change the port"
)
LISTENS_ELSEWHERE = _failure(
    "listens-elsewhere",
    "a service listened on another address or port than its bench_address and port",
    "take what sets the address out of the stack's command, and out of the files that its server reads",
)
UNREACHABLE = _failure("unreachable", "a host could not be reached", "check the host and its SSH")
K6_FAILED = _failure("k6-failed", "k6 ended with an error", _LOG)
STOP_FAILED = _failure(
    "stop-failed", "a service could not be stopped", "type ansible-playbook playbooks/stop.yml"
)
LEASE_LOST = _failure(
    "lease-lost",
    f"a host heard nothing of the controller for {lease.SILENCE_S:g} s and stopped by itself, or somebody "
    "ended the run with stop.yml",
    "its message says which; where it was silence, look for what cut the network or let the controller sleep",
)

NO_CAPACITY = _failure(
    "no-capacity",
    f"no rate was found and confirmed at which at most {MISSED_ALLOWED * 100:g} % of the scheduled requests "
    "miss slo_ms",
    "its message says which rates were tried; raise -e slo_ms, or lower -e db_sleep",
)

LOST = frozenset(rule.code for rule in (NOT_RUN, DAMAGED, PORT_TAKEN, UNREACHABLE, LEASE_LOST))
"""What tells nothing of the cell: something else kept its trial from being measured.

The others are findings: an app that breaks in one trial of three does so, however often it is tried.
"""

RULES = (
    NOT_RUN,
    DAMAGED,
    APP_GONE,
    DB_GONE,
    START_FAILED,
    NOT_READY,
    PORT_TAKEN,
    LISTENS_ELSEWHERE,
    UNREACHABLE,
    K6_FAILED,
    STOP_FAILED,
    LEASE_LOST,
    NO_CAPACITY,
)
