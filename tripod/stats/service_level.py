"""How an open load's requests kept their service level: of those that were due, how many came in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tripod.catalogue.shapes import scheduled_requests
from tripod.stats.figures import Figures
from tripod.stats.quantiles import Distribution, merge


@dataclass(frozen=True)
class Offer:
    """What an open load offered in each trial.

    Attributes:
        rate: requests per second.
        requests_per_iteration: of its workload.
        duration_s: for which iterations were due.

    """

    rate: float
    requests_per_iteration: int
    duration_s: float


@dataclass(frozen=True)
class ServiceLevel:
    """The sums over trials.

    Attributes:
        scheduled: requests that were due.
        missed: of them, those that failed, were never begun, or came later than they may. k6 measures from
            the sending, so the lag of their iteration is added; see `lag_known`.
        dropped_iterations: that found no virtual user.
        lag_known: whether the lag of every iteration is known: k6 numbers only those that it begins, so from
            the first dropped one on nobody can tell. In trials that dropped any, lag is left out: `missed` is
            then a lower bound, and the dropped ones are in it.
        lag: how late iterations began, ms, in the trials in which it is known.

    """

    scheduled: int
    missed: int
    dropped_iterations: int
    lag_known: bool
    lag: Distribution | None

    @property
    def missed_share(self) -> float:
        """Share of the scheduled requests that missed the service level, 0 to 1."""
        return self.missed / self.scheduled


def service_level(trials: Sequence[Figures], offer: Offer) -> ServiceLevel | None:
    """Return the service level over good trials; None without one, or if k6 had no schedule."""
    kept = [(trial, trial.schedule) for trial in trials if trial.schedule is not None]
    if not kept:
        return None
    due = scheduled_requests(offer.rate, offer.requests_per_iteration, offer.duration_s)
    scheduled = missed = 0
    for trial, schedule in kept:
        # k6 may begin one more in the very moment in which the time is over
        begun = (trial.iterations + schedule.dropped_iterations) * offer.requests_per_iteration
        of_trial = max(due, begun)
        within = schedule.within_slo_of_send if schedule.dropped_iterations else schedule.within_slo
        scheduled += of_trial
        missed += max(of_trial - within, 0)
    whole = [schedule for _, schedule in kept if not schedule.dropped_iterations]
    return ServiceLevel(
        scheduled=scheduled,
        missed=missed,
        dropped_iterations=sum(schedule.dropped_iterations for _, schedule in kept),
        lag_known=len(whole) == len(kept),
        lag=merge([schedule.lag for schedule in whole if schedule.lag]),
    )


def offer_of(planned: Mapping[str, Any]) -> Offer | None:
    """Return what a cell of the plan was offered; None of a closed load, or if the plan does not say."""
    load, per_iteration = planned["load"], planned.get("requests_per_iteration")
    if load.get("rate") is None or per_iteration is None:
        return None
    return Offer(load["rate"], per_iteration, load["duration_s"])
