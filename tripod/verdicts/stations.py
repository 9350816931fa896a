"""How busy each station was that a request passes: k6, the app's cores, processes and slots, the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tripod.stats.activity import Activity, ServiceActivity
from tripod.verdicts import slots
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.work import mean


@dataclass(frozen=True)
class Station:
    """A station of a cell, over its good trials.

    Attributes:
        name: in words.
        share: how busy it was, 0 to 1; None if nobody could tell.
        certain: whether it was so busy; else it was at most.

    """

    name: str
    share: float | None
    certain: bool = True

    @property
    def told(self) -> str:
        """Name and share, for people."""
        if self.share is None:
            return f"{self.name} unknown"
        return f"{self.name} {'' if self.certain else 'at most '}{percent(self.share)}"


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{share * 100:.0f} %"


def stations(cell: Cell) -> tuple[Station, ...]:
    """Return the stations of a cell; slots only where they can be a limit."""
    found = [
        Station("busiest app core", mean(cell, busiest_core)),
        Station("busiest app process", mean(cell, lambda trial: busiest_process(trial, "app"))),
        Station("database", mean(cell, lambda trial: database(cell, trial))),
        Station("k6", mean(cell, lambda trial: service_share(trial, "load"))),
    ]
    if slots.limit_of(cell) is not None:
        share = mean(cell, lambda trial: slots.most_occupied(cell, trial))
        found.append(Station("app slots", share, certain=slots.one_queue(cell)))
    return tuple(found)


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


def database(cell: Cell, trial: Trial) -> float | None:
    """Return how busy the database was: its process, the fake one's only one, or its share of the cores.

    Where it has cores of its own, all that was done on them counts.
    """
    shares = [service_share(trial, "db")]
    if cell.planned["database"] == "fakedb":
        shares.append(busiest_process(trial, "db"))
    if cell.apart("db", "app", "load"):
        shares.append(cores_busy(trial, "db"))
    return max((share for share in shares if share is not None), default=None)


def busiest(found: Sequence[Station]) -> Station | None:
    """Return the busiest of those that are known; None of none."""
    known = [station for station in found if station.share is not None]
    return max(known, key=lambda station: station.share or 0.0, default=None)


def _told(trial: Trial, leg: str) -> tuple[Activity, ServiceActivity] | None:
    host, service = trial.activity.get(leg), trial.service(leg)
    return (host, service) if host and service and host.seconds > 0 else None
