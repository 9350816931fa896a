"""Shares of cores that hosts, services and processes used in a trial; None is what nobody could tell."""

from __future__ import annotations

from tripod.stats.activity import Activity, ServiceActivity
from tripod.verdicts.evidence import Trial


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{share * 100:.0f} %"


def busiest_core(trial: Trial) -> float | None:
    """Return the busy share of the app host's busiest core; None if unknown."""
    host = trial.activity.get("app")
    return max(host.core_busy) if host and host.core_busy else None


def cores_busy(trial: Trial, leg: str) -> float | None:
    """Return the busy share of all cores of a leg's host, whoever used them; None if unknown."""
    host = trial.activity.get(leg)
    return sum(host.core_busy) / len(host.core_busy) if host and host.core_busy else None


def service_share(trial: Trial, leg: str) -> float | None:
    """Return the share of its host's cores that a leg's service used; None if unknown."""
    found = _told(trial, leg)
    if found is None:
        return None
    host, service = found
    if service.cpu_s is None or not host.cpus:
        return None
    return service.cpu_s / (host.cpus * host.seconds)


def busiest_process(trial: Trial, leg: str) -> float | None:
    """Return the share of a core that the busiest process of a leg's service used; None if unknown."""
    found = _told(trial, leg)
    if found is None or not found[1].process_cpu_s:
        return None
    host, service = found
    return max(service.process_cpu_s.values()) / host.seconds


def _told(trial: Trial, leg: str) -> tuple[Activity, ServiceActivity] | None:
    host, service = trial.activity.get(leg), trial.service(leg)
    return (host, service) if host and service and host.seconds > 0 else None
