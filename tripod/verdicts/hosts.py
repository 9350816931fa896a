"""Rules about the app's host: whether something else took CPU time from what was measured."""

from __future__ import annotations

from tripod.catalogue.legs import LEGS
from tripod.stats.activity import Activity
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity
from tripod.verdicts.work import mean

_OTHERS = Limit(
    name="CPU time of processes of no leg",
    value=0.1,
    unit="of the app host's cores",
    source="chosen: saturated throughput of one cell repeats within 10 to 15 %",
)
_STOLEN = Limit(
    name="stolen time",
    value=0.02,
    unit="of a host's cores",
    source="CPU per request at a fixed rate repeats within 2 %",
)
_THROTTLED = Limit(
    name="time in which a service was kept from running",
    value=0.01,
    unit="of the window",
    source="chosen: far above what a quota costs that is never reached",
)


def _shared(cell: Cell) -> Answer:
    others = mean(cell, lambda trial: _others(cell, trial))
    return Answer.NOT_JUDGED if others is None else Answer.when(others >= _OTHERS.value)


def _others(cell: Cell, trial: Trial) -> float | None:
    """Return the share of the app host's cores that processes of no leg used; None if unknown.

    A host that shares its kernel with others shows all of their processes, too.
    """
    host = trial.activity.get("app")
    if host is None or host.cpu_s is None or not host.cpus or host.seconds <= 0:
        return None
    there = [leg for leg in LEGS if leg == "app" or not cell.apart("app", leg)]
    services = [trial.service(leg) for leg in there]
    used = [service.cpu_s if service else None for service in services]
    if None in used:
        return None
    return (host.cpu_s - sum(spent or 0.0 for spent in used)) / (host.cpus * host.seconds)


def _steal(trial: Trial) -> Answer:
    stolen = [_stolen(host) if host else None for host in trial.hosts]
    if any(share is not None and share >= _STOLEN.value for share in stolen):
        return Answer.GIVEN
    return Answer.NOT_JUDGED if None in stolen else Answer.FINE


def _stolen(host: Activity) -> float | None:
    return sum(host.core_steal) / len(host.core_steal) if host.core_steal else None


def _throttled(trial: Trial) -> Answer:
    shares = {}
    for leg in LEGS:
        host, service = trial.activity.get(leg), trial.service(leg)
        if host and service and service.throttled_s is not None and host.seconds > 0:
            shares[leg] = service.throttled_s / host.seconds
    if any(share >= _THROTTLED.value for share in shares.values()):
        return Answer.GIVEN
    # of k6 earlier records do not tell
    return Answer.FINE if {"app", "db"} <= shares.keys() else Answer.NOT_JUDGED


APP_HOST_SHARED = Rule(
    code="app-host-shared",
    severity=Severity.NOTE,
    applies_to=AppliesTo.CELL,
    meaning=f"processes of no leg used {_OTHERS.percent} or more of the app host's cores",
    needs="the CPU time of the app host and of all services on its cores",
    remedy="see on the app host what else runs (top), and stop it",
    judge=_shared,
    limits=(_OTHERS,),
)
STEAL = Rule(
    code="steal",
    severity=Severity.NOTE,
    applies_to=AppliesTo.TRIAL,
    meaning=f"a hypervisor gave {_STOLEN.percent} or more of a host's CPU time to others",
    needs="stolen time of all hosts, which Linux counts",
    remedy="measure on machines with cores of their own, or repeat often and interleaved",
    judge=_steal,
    limits=(_STOLEN,),
)
THROTTLED = Rule(
    code="throttled",
    severity=Severity.NOTE,
    applies_to=AppliesTo.TRIAL,
    meaning="a cgroup's CPU quota kept a service or k6 from running: the quota, too, was measured",
    needs="cpu.stat of the cgroups that the app and the database run in, where hosts show it",
    remedy="lift the quota (systemd: CPUQuota=; containers: --cpus), and measure again",
    judge=_throttled,
    limits=(_THROTTLED,),
)
