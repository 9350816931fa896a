"""Rules about connections: how they were made, and how they fell on the workers."""

from __future__ import annotations

from bisect import bisect_left

from tripod.catalogue.servers import keeps_connections
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

# When a SYN without an answer is sent again, in seconds since the first one: Linux since 6.5 and macOS, and
# Linux before. A connect that then succeeds took so long.
_RETRANSMITTED_S = (1, 2, 3, 4, 5, 7, 11, 15, 19)
_TAIL = Limit(
    name="connect",
    value=0.1,
    unit="s after a SYN was due again (1, 2, 3, 4, 5, 7, 11, 15, 19 s)",
    source="Linux's and XNU's retransmission schedules; a handshake takes far less",
)
_OVERFLOWS = Limit(
    name="overflows",
    value=0,
    unit="connections",
    source="each waits a second or more for its SYN to be sent again",
)
_BUSIEST = Limit(
    name="busiest worker",
    value=1.25,
    unit="times its fair share of the workers' CPU time",
    source="ten connections on four workers: the busiest holds 40-48 %; identical runs differ twofold",
)


def _tail(trial: Trial) -> Answer:
    blocked = trial.figures.latencies.get("blocked_ms") if trial.figures else None
    if blocked is None:
        return Answer.NOT_JUDGED
    times_ms = blocked.points.values
    slow_s = [ms / 1000 for ms in times_ms[bisect_left(times_ms, 1000 * _RETRANSMITTED_S[0]) :]]
    near = any(0 <= connect_s - due_s <= _TAIL.value for connect_s in slow_s for due_s in _RETRANSMITTED_S)
    return Answer.when(near)


def _overflow(trial: Trial) -> Answer:
    host = trial.activity.get("app")
    counts = [host.listen_overflows, host.listen_drops] if host else []
    known = [count for count in counts if count is not None]
    if any(count > _OVERFLOWS.value for count in known):
        return Answer.GIVEN
    return Answer.FINE if known else Answer.NOT_JUDGED


def _uneven(cell: Cell) -> Answer:
    if not keeps_connections(cell.planned["command"]):
        return Answer.NOT_JUDGED
    shares = [times_fair(cell, trial) for trial in cell.good]
    if not shares or None in shares:
        return Answer.NOT_JUDGED
    return Answer.when(max(share or 0.0 for share in shares) >= _BUSIEST.value)


def times_fair(cell: Cell, trial: Trial) -> float | None:
    """Return how many times its fair share of CPU the busiest worker used; None if unknown, or of one worker.

    Of the service's processes the workers are those that used the most: the one that only keeps them uses
    next to nothing.
    """
    workers, service = cell.planned["workers"], trial.service("app")
    if workers <= 1 or service is None:
        return None
    used = sorted(service.process_cpu_s.values(), reverse=True)[:workers]
    if len(used) < workers or not sum(used):
        return None
    return float(used[0] / (sum(used) / workers))


CONNECT_TAIL = Rule(
    code="connect-tail",
    severity=Severity.NOTE,
    applies_to=AppliesTo.TRIAL,
    meaning="connects took as long as a lost SYN takes to be sent again: the app's accept queue overflowed",
    needs="a trial that was measured to its end",
    remedy="see the blocked times: the duration does not contain them; fewer users, or a longer backlog",
    judge=_tail,
    limits=(_TAIL,),
)
LISTEN_OVERFLOW = Rule(
    code="listen-overflow",
    severity=Severity.NOTE,
    applies_to=AppliesTo.TRIAL,
    meaning="connections found the app's accept queue full",
    needs="TCP counters of the app host",
    remedy="a longer backlog (the server's --backlog, net.core.somaxconn), or fewer new connections",
    judge=_overflow,
    limits=(_OVERFLOWS,),
)
UNEVEN = Rule(
    code="uneven",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=(
        f"the busiest worker used {_BUSIEST.value:g} times its fair share of CPU, or more: which connections "
        "a worker gets is chance, and stays so for a trial"
    ),
    needs="CPU time of each of several workers, of a server that keeps connections",
    remedy="repeat, since each trial draws anew; a connection for each request tells placement from capacity",
    judge=_uneven,
    limits=(_BUSIEST,),
)
