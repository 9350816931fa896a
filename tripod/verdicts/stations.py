"""How busy each station was that a request passes: k6, the app's cores, processes and slots, the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tripod.verdicts import slots
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.shares import busiest_core, busiest_process, cores_busy, percent, service_share
from tripod.verdicts.work import mean

CORE = "busiest app core"


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


def stations(cell: Cell) -> tuple[Station, ...]:
    """Return the stations of a cell; slots only where they can be a limit."""
    found = [
        _core(cell),
        Station("busiest app process", mean(cell, lambda trial: busiest_process(trial, "app"))),
        Station("database", mean(cell, lambda trial: database(cell, trial))),
        Station("k6", mean(cell, lambda trial: service_share(trial, "load"))),
    ]
    if slots.limit_of(cell) is not None:
        found.append(_slots(cell))
    return tuple(found)


def _core(cell: Cell) -> Station:
    """Return the app host's busiest core; the app was less busy there if others used most of the cores."""
    own = mean(cell, lambda trial: service_share(trial, "app"))
    busy = mean(cell, lambda trial: cores_busy(trial, "app"))
    most = own is not None and busy is not None and own > busy / 2
    return Station(CORE, mean(cell, busiest_core), certain=most)


def _slots(cell: Cell) -> Station:
    """Return the app's slots: as busy as they were, where there is one queue; else at most so."""
    share = mean(cell, lambda trial: slots.occupancy(cell, trial))
    most = mean(cell, lambda trial: _most_of_the_same(cell, trial, share))
    certain = share is not None and (most is None or share >= most)
    return Station("app slots", share if certain else most, certain=certain)


def _most_of_the_same(cell: Cell, trial: Trial, share: float | None) -> float | None:
    """Return what the trial's slots can have been used at most, for comparison with a mean of how they were.

    Trials that do not enter that mean are left out here, too.
    """
    if share is not None and slots.occupancy(cell, trial) is None:
        return None
    return slots.most_occupied(cell, trial)


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
