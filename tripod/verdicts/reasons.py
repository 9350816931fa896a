"""Reason codes: every one that can stand beside a row, declared once.

The trial itself gives the codes of failure (`failed` below). The others are pure functions over a cell's
figures, each with its threshold, unit and source.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A reason code.

    Attributes:
        code: as it stands in the files and in the table.
        failed: whether it means that a trial was not measured to its end.
        meaning: one sentence for the note below the table.
        remedy: what to do next.
        threshold: limit beyond which it is given, None if there is none.
        unit: of the threshold.
        source: where the threshold comes from.

    """

    code: str
    meaning: str
    remedy: str
    failed: bool = False
    threshold: float | None = None
    unit: str = ""
    source: str = ""


_CAPPED_SHARE = 0.9
_DEVIATION = 0.1
_OFF_THE_MEAN = 0.5
_QUERIES_SHARE = 0.01
_QUERIES_AT_START = 5

CAPPED = Reason(
    code="capped",
    meaning=f"at {_CAPPED_SHARE * 100:.0f} % of the load's ceiling or more, the load is what was measured",
    remedy="offer more load, e.g. -e vus=40",
    threshold=_CAPPED_SHARE,
    unit="share of the ceiling",
    source="the first write-up's async rows sat at 93-94 % of their ceiling of 240/s",
)
ERRORS = Reason(
    code="errors",
    meaning="requests or checks failed; errors return fast, so the row is left out of the order",
    remedy="./collect.py k6 CELL shows the counts, the trial's logs the causes",
    threshold=0,
    unit="failed requests or checks",
    source="three quarters errors gave 29,000 'requests' per second",
)
WIDE_SPREAD = Reason(
    code="wide-spread",
    meaning=(
        f"the trials differ: their standard deviation is at least {_DEVIATION * 100:.0f} % of the mean, "
        f"or one is at least {_OFF_THE_MEAN * 100:.0f} % off it"
    ),
    remedy="quieten the hosts, or measure longer and more often, e.g. -e duration=60s -e repeats=5",
    threshold=_DEVIATION,
    unit="standard deviation over mean",
    source="pyperf's warnings",
)
QUERIES_OFF = Reason(
    code="queries-off",
    meaning=(
        f"the queries that the database counted are more than {_QUERIES_SHARE * 100:.0f} % off those that "
        f"the requests need (beyond {_QUERIES_AT_START} per process, which an ORM may send when it starts)"
    ),
    remedy="the trial's record.json lists the statements that were counted",
    threshold=_QUERIES_SHARE,
    unit="share of the queries that the workload says",
    source="SQLAlchemy sends three queries in a process's first connection",
)

VIEWS_OFF = Reason(
    code="views-off",
    meaning="the view counts in the database did not rise by what the successful requests should have added",
    remedy="updates were lost or made twice; record.json has views_added to compare with the requests",
    threshold=0,
    unit="views",
    source="a lost update is a fault at any number",
)

_FAILURES = (
    ("not-run", "the run ended before this trial", "run it again"),
    (
        "damaged",
        "a file of the trial cannot be read",
        "the file is named below; remove it and type ./collect.py pull",
    ),
    ("app-gone", "the app stopped answering during the trial", "see the tail of its log in record.json"),
    ("db-gone", "the database stopped answering during the trial", "see the tail of its log in record.json"),
    ("start-failed", "a service did not start", "see the tail of its log in record.json"),
    ("not-ready", "a service started but never proved ready", "see the tail of its log in record.json"),
    ("port-taken", "something that Tripod did not start answers on the port", "stop it, or change the port"),
    ("unreachable", "a host could not be reached", "check the host and its SSH"),
    ("k6-failed", "k6 ended with an error", "see the tail of its log in record.json"),
    ("stop-failed", "a service could not be stopped", "ansible-playbook playbooks/stop.yml"),
    ("interrupted", "the run was interrupted during this trial", "run it again"),
)

REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        CAPPED,
        ERRORS,
        WIDE_SPREAD,
        QUERIES_OFF,
        VIEWS_OFF,
        *(
            Reason(code=code, meaning=meaning, remedy=remedy, failed=True)
            for code, meaning, remedy in _FAILURES
        ),
    )
}


def capped(rps: float | None, ceiling_rps: float | None) -> bool:
    """Whether the load, not the server, set the rate."""
    return rps is not None and ceiling_rps is not None and rps >= _limit(CAPPED) * ceiling_rps


def errors(failed_requests: int, failed_checks: int) -> bool:
    """Whether anything failed in a trial that was measured to its end."""
    return failed_requests + failed_checks > _limit(ERRORS)


def wide_spread(rps_per_trial: Sequence[float]) -> bool:
    """Whether the trials of a cell differ too much for their mean to stand for them."""
    if len(rps_per_trial) < 2:  # noqa: PLR2004 - one value has no spread
        return False
    mean = statistics.fmean(rps_per_trial)
    if mean == 0:
        return False
    farthest = max(abs(rps - mean) for rps in rps_per_trial)
    return statistics.stdev(rps_per_trial) >= _limit(WIDE_SPREAD) * mean or farthest >= _OFF_THE_MEAN * mean


def queries_off(counted: float | None, claimed: float, processes: int) -> bool:
    """Whether the database saw other queries than the app is said to send.

    Args:
        counted: queries that it counted; None where it cannot.
        claimed: queries that the successful requests need.
        processes: how many were started, over all trials.

    """
    if counted is None:
        return False
    return abs(counted - claimed) > max(_limit(QUERIES_OFF) * claimed, _QUERIES_AT_START * processes)


def views_off(added: float | None, claimed: float) -> bool:
    """Whether the database has other view counts than the successful requests should have made."""
    return added is not None and abs(added - claimed) > _limit(VIEWS_OFF)


def note(code: str, known: Mapping[str, Reason] = REASONS) -> str:
    """Return the line that explains a code below the table."""
    reason = known.get(code)
    return f"{reason.meaning}; {reason.remedy}" if reason else "see the trial's record.json"


def _limit(reason: Reason) -> float:
    if reason.threshold is None:
        raise ValueError(f"{reason.code} has no threshold")
    return reason.threshold
