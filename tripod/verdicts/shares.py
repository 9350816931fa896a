"""Shares of cores that hosts, services and processes used in a trial; None is what nobody could tell."""

from __future__ import annotations

from tripod.stats.cost import busiest_process_share, cpu_share
from tripod.verdicts.evidence import Load, Trial


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
    """Return the share of its host's cores that a leg's service used; None if unknown.

    Of several load hosts it is that of the busiest k6.
    """
    if leg != "load" or not trial.shared:
        return cpu_share([trial.activity], leg)
    shares = [k6_share(load) for load in trial.shared]
    return None if None in shares else max(share for share in shares if share is not None)


def k6_share(load: Load) -> float | None:
    """Return the share of a load host's cores that its k6 used; None if unknown."""
    return cpu_share([{"load": load.activity}], "load") if load.activity else None


def busiest_process(trial: Trial, leg: str) -> float | None:
    """Return the share of a core that the busiest process of a leg's service used; None if unknown."""
    return busiest_process_share([trial.activity], leg)
