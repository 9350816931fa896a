"""What a request costs: CPU time on each leg and time at the database, from a trial's own evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tripod.catalogue.legs import LEGS
from tripod.stats.cost import cpu_s_per_request
from tripod.verdicts.evidence import Cell, Trial

_CPU_OF = {f"{leg}_cpu_s": leg for leg in LEGS}


@dataclass(frozen=True)
class Work:
    """A request of a trial, on average; None is what nobody could tell.

    Attributes:
        rps: successful requests per second, in the measured window.
        app_cpu_s: CPU time of the app's processes, in seconds.
        db_calls: how often it asked the fake database, warm-up included.
        db_s: time at the database, warm-up included.

    """

    rps: float
    app_cpu_s: float | None
    db_calls: float | None
    db_s: float | None


def work_of(cell: Cell, trial: Trial) -> Work | None:
    """Return what a request of the trial cost; None without a successful one."""
    watched = trial.watched
    if watched is None or not watched.ok_requests:
        return None
    rps = watched.ok_requests / cell.planned["load"]["duration_s"]
    calls, db_s = _at_database(trial)
    return Work(rps, app_cpu_s=cpu_s_per_request([watched], "app"), db_calls=calls, db_s=db_s)


def mean(cell: Cell, of: Callable[[Trial], float | None]) -> float | None:
    """Return the mean of a figure over the cell's good trials that know it; None if none of them does."""
    return mean_of([of(trial) for trial in cell.good])


def mean_of(figures: Sequence[float | None]) -> float | None:
    """Return the mean of those that are known; None of none."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) / len(known) if known else None


def per_request(cell: Cell, what: str) -> float | None:
    """Return what a request of the good trials that know it cost: `load_cpu_s` and the like, or of `Work`.

    CPU times are sums over sums, as the columns of cost have them; all else is the mean over trials.
    """
    if what in _CPU_OF:
        return cpu_s_per_request(cell.watched, _CPU_OF[what])

    def of(trial: Trial) -> float | None:
        found = work_of(cell, trial)
        return getattr(found, what) if found else None

    return mean(cell, of)


def _at_database(trial: Trial) -> tuple[float | None, float | None]:
    """Return how often a request asked the fake database, and how long it was at any database, in seconds."""
    requests = trial.requests_in_all
    if trial.record is None or not requests:
        return None, None
    fake, real = trial.record.get("fakedb"), trial.record.get("database")
    if fake:
        late_ms = fake["error_ms"]["mean"] or 0.0
        calls = fake["answered"] / requests
        return calls, max(calls * (fake["sleep_ms"] + late_ms) / 1000, 0.0)
    if real and real["total_ms"] is not None:
        return None, real["total_ms"] / 1000 / requests
    return None, None
