"""The evidence that rules judge: of a trial, its record and figures; of a cell, its trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from typing import Any

from tripod.catalogue.legs import LEGS
from tripod.stats.activity import Activity, ServiceActivity, cores_apart, service_of
from tripod.stats.cost import Watched, cost
from tripod.stats.database import Counted, Side, side_of
from tripod.stats.figures import Figures


@dataclass(frozen=True)
class Load:
    """What one load host did in a trial.

    Attributes:
        host: its name.
        figures: what its k6 measured.
        activity: what it did in the measured window; None if nothing is known.

    """

    host: str
    figures: Figures
    activity: Activity | None = None


@dataclass(frozen=True)
class Trial:
    """One trial of the plan, as far as it was measured.

    Attributes:
        name: its directory in `trials/`.
        cell: the cell that it measured.
        record: record.json, or None if it was never written or is damaged.
        figures: what it measured; None unless it was measured to its end and its files are whole; of all load
            hosts together.
        failure: reason codes why it has no figures; empty if it has.
        message: the failure in words.
        activity: leg → what its host did in the measured window; without the legs of which nothing is known;
            of several load hosts, what the first one did.
        shared: what each of several load hosts did; empty with one.
        block: number of the block that it is compared in: with trials that were measured close to it.

    """

    name: str
    cell: str
    record: Mapping[str, Any] | None
    figures: Figures | None = None
    failure: tuple[str, ...] = ()
    message: str | None = None
    activity: Mapping[str, Activity] = field(default_factory=dict)
    block: int = 1
    shared: tuple[Load, ...] = ()

    @property
    def loads(self) -> tuple[Load, ...]:
        """What each load host did; empty if it was not measured to its end."""
        if self.shared or self.figures is None:
            return self.shared
        return (Load("", self.figures, self.activity.get("load")),)

    @property
    def hosts(self) -> tuple[Activity | None, ...]:
        """What each host did, legs on one host twice; None of those of which nothing is known."""
        loads = [load.activity for load in self.shared] or [self.activity.get("load")]
        return (*loads, self.activity.get("app"), self.activity.get("db"))

    @property
    def watched_hosts(self) -> tuple[tuple[str, Activity], ...]:
        """Each leg with what its host did, several load hosts one by one; without those that nobody knows."""
        loads = [("load", load.activity) for load in self.shared if load.activity]
        others = [(leg, did) for leg, did in self.activity.items() if leg != "load" or not self.shared]
        return (*loads, *others)

    def counted(self) -> Counted | None:
        """Return what the database counted, with the requests that belong to it; None if unknown."""
        requests = self.requests_in_all
        if requests is None or self.record is None or not self.record.get("database"):
            return None
        return Counted(self.record["database"], requests)

    @property
    def watched(self) -> Watched | None:
        """What its hosts did, and for how many requests; None if it was not measured to its end."""
        if self.figures is None:
            return None
        loads = tuple(load.activity for load in self.loads)
        return Watched(self.activity, self.figures.ok_requests, loads)

    @property
    def requests_in_all(self) -> int | None:
        """Successful requests of warm-up and measurement, drains included; None if nobody told."""
        if self.figures is None or self.record is None:
            return None
        in_warmup = self._requests_in_warmup(self.record)
        # where nobody knows how many requests the warm-up had, no figure beats a wrong one
        return None if in_warmup is None else self.figures.ok_requests_total + in_warmup

    def service(self, leg: str) -> ServiceActivity | None:
        """Return what the service of a leg did (`load`: k6); None if nothing is known of it."""
        return service_of(self.activity, leg)

    @property
    def most_in_database(self) -> int | None:
        """The most requests that the database had at once; None if it did not tell."""
        record = self.record or {}
        if record.get("fakedb"):
            return int(record["fakedb"]["in_flight_max"])
        peak = record["database"]["active_peak"] if record.get("database") else None
        return None if peak is None else int(peak)

    @staticmethod
    def _requests_in_warmup(record: Mapping[str, Any]) -> int | None:
        """Return the successful requests before the measurement, of all load hosts; None if one did not tell.

        Those of a capacity's search belong to them, also where nothing was warmed up.
        """
        if record["seconds"]["warmup"] is None and not record.get("capacity"):
            return 0
        told = [k6.get("warmup_requests") for k6 in record["k6"]]
        return None if None in told or not told else sum(told)


@dataclass(frozen=True)
class Cell:
    """One cell of the plan and its trials; sums are over those that were measured to their end.

    Attributes:
        planned: the cell as the plan has it.
        trials: its trials, in the order of the repeats.
        separations: how far every two legs stand apart, as hosts.json tells; without what is not known.
        fastest_calibration: host → the shortest that the same fixed work took it around the run's trials, in
            seconds; only of hosts that were timed around several.

    """

    planned: Mapping[str, Any]
    trials: tuple[Trial, ...]
    separations: Mapping[frozenset[str], str] = field(default_factory=dict)
    fastest_calibration: Mapping[str, float] = field(default_factory=dict)

    def apart(self, leg: str, *others: str) -> bool:
        """Whether it is known that a leg shares its cores with none of the others.

        Hosts of one kernel have cores of their own where each is kept to some that the other may not use.
        """
        return all(frozenset((leg, other)) in self._cores_apart for other in others)

    @cached_property
    def _cores_apart(self) -> frozenset[frozenset[str]]:
        """Which two legs are known to have no core in common."""
        return frozenset(frozenset(pair) for pair in combinations(LEGS, 2) if self._have_own_cores(*pair))

    def _have_own_cores(self, leg: str, other: str) -> bool:
        separation = self.separations.get(frozenset((leg, other)))
        if separation != "shared-kernel":
            return separation == "separate-kernels"
        return bool(self.watched) and all(
            cores_apart(one, another)
            for trial in self.watched
            for one, another in product(trial.hosts(leg) or [None], trial.hosts(other) or [None])
        )

    @cached_property
    def offered_rps(self) -> float | None:
        """Requests per second that an open load offers; None of a closed one.

        Of a capacity it is what was confirmed, the mean over good trials.
        """
        rate: float | None = self.planned["load"].get("rate")
        found = [float(search["rate"]) for search in self._searches if search["rate"]]
        return sum(found) / len(found) if found else rate

    @cached_property
    def users(self) -> int:
        """Virtual users of the load; of a capacity, most of those that its confirmed rates had."""
        found = [int(search["probes"][-1]["vus"]) for search in self._searches if search["rate"]]
        return max(found, default=int(self.planned["load"]["vus"]))

    @cached_property
    def _searches(self) -> list[Mapping[str, Any]]:
        """How a capacity was looked for in each good trial; empty with other loads."""
        records = [trial.record for trial in self.good if trial.record]
        return [record["capacity"] for record in records if record.get("capacity")]

    @cached_property
    def most_in_database(self) -> int | None:
        """The most requests that the database had at once, in any good trial; None if it did not tell."""
        seen = [found for trial in self.good if (found := trial.most_in_database) is not None]
        return max(seen, default=None)

    @cached_property
    def good(self) -> tuple[Trial, ...]:
        """The trials that were measured to their end."""
        return tuple(trial for trial in self.trials if trial.figures is not None)

    @cached_property
    def figures(self) -> tuple[Figures, ...]:
        """What each good trial measured."""
        return tuple(trial.figures for trial in self.trials if trial.figures is not None)

    @cached_property
    def side(self) -> Side | None:
        """The database's side; None if no database counted anything."""
        return side_of([counted for trial in self.trials if (counted := trial.counted())])

    @cached_property
    def rps_per_trial(self) -> tuple[float, ...]:
        """Rate of each good trial, in requests per second."""
        duration_s = self.planned["load"]["duration_s"]
        return tuple(figures.ok_requests / duration_s for figures in self.figures)

    @cached_property
    def cost(self) -> dict[str, Any] | None:
        """What the requests of the good trials cost; None without telemetry."""
        return cost(self.watched)

    @cached_property
    def watched(self) -> tuple[Watched, ...]:
        """What the hosts of each good trial did, and for how many requests."""
        return tuple(watched for trial in self.trials if (watched := trial.watched))

    @property
    def measured(self) -> bool:
        """Whether any trial was measured to its end."""
        return bool(self.figures)

    @property
    def rps(self) -> float | None:
        """Rate over all good trials: they have the same duration, so this is all successes over all time."""
        return sum(self.rps_per_trial) / len(self.rps_per_trial) if self.measured else None

    @property
    def requests(self) -> int:
        """Requests that were answered or failed, drains included."""
        return sum(figures.requests for figures in self.figures)

    @property
    def failed_requests(self) -> int:
        """Of them, failed."""
        return sum(figures.failed_requests for figures in self.figures)

    @property
    def failures(self) -> dict[str, int]:
        """How those failed that k6 told apart, wrong answers included: kind → requests, the most first."""
        counts = Counter[str]()
        for figures in self.figures:
            counts.update(figures.failures)
        return dict(counts.most_common())

    @property
    def failed_checks(self) -> int:
        """Checks of status or body that failed."""
        return sum(figures.failed_checks for figures in self.figures)

    @property
    def iterations(self) -> int:
        """Complete iterations of the workload."""
        return sum(figures.iterations for figures in self.figures)
