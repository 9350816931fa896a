"""The order of rows: groups, ranks, and the places that trials can tell apart.

A row opens the next place where it can be told apart from the row that leads the place before it. All
comparisons of a group are one family (Holm), since the leader is whichever came out best.

Rows that were not measured in the same blocks are ordered by what each would have done in all of them: one
whose trial in the slowest block was lost has a higher mean for that alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from tripod.catalogue import capacity, shapes
from tripod.stats import effects, power
from tripod.stats.contrasts import Blocks, Ratio
from tripod.stats.families import ALPHA, holm
from tripod.verdicts import registry
from tripod.verdicts.rule import Severity
from tripod.verdicts.spread import WIDE_SPREAD

Row = Mapping[str, Any]
# Gives the good trials of a cell, block → what the order is by, the more the better: of an open load the
# inverse of the latency that is named. Nothing of a cell of which one trial did nothing: it has no logarithm.
Trials = Callable[[str, str], Mapping[int, float]]

# Beyond so many trials a cell nobody is told how many it would take.
MOST_TRIALS = 100
_FEWEST_TRIALS = 2


def group_of(row: Row) -> str:
    """Return the key of the row's group: its database setting and its load."""
    return json.dumps([row["database"], row["db_sleep_ms"], row["load"]], sort_keys=True)


def severity_of(row: Row) -> Severity | None:
    """Return how much what is said of the row matters; None if nothing is."""
    codes = {key: row[key] for key in ("void", "bound", "notes")}
    return registry.severity(**codes, measured=row["status"] != "failed")


def below(row: Row) -> int:
    """Return 0 for a row that stands among the others by its merit; those with a higher number are below."""
    found = severity_of(row)
    return found.below if found else 0


def has_place(row: Row) -> bool:
    """Whether the row is neither bound, nor void, nor failed."""
    found = severity_of(row)
    return found is None or found.has_place


def keeps_its_level(row: Row) -> bool:
    """Whether at most 1 % of an open load's requests missed the service level; true of other loads."""
    kept = row["service_level"]
    return kept is None or kept["missed_share"] <= shapes.MISSED_ALLOWED


def latency_of(rows: Sequence[Row]) -> str:
    """Return which latency rows of a group are compared by: the p95, or the mean where one is without."""
    known = [row["duration_ms"] for row in rows if row["duration_ms"]]
    return "avg" if any(latency["p95"] is None for latency in known) else "p95"


def merit(row: Row, by: str) -> tuple[float, float]:
    """Return what rows of a group are ordered by, the best first: the rate, where the load leaves it to them.

    At one offered rate all that keep the service level are as fast; their latency differs, here `by` one.
    """
    kept = row["service_level"]
    if kept is None:
        return (0.0, -(row["rps"] or 0.0))
    latency = row["duration_ms"]
    return (max(kept["missed_share"] - shapes.MISSED_ALLOWED, 0.0), latency[by] if latency else math.inf)


@dataclass(frozen=True)
class Compared:
    """Two rows of a group.

    Attributes:
        ratio: of the first to the second, of what the order is by.
        adjusted: its p value among all of the group's.

    """

    ratio: Ratio
    adjusted: float

    @property
    def told_apart(self) -> bool:
        """Whether they differ, as far as all comparisons of the group together allow that to be said."""
        return self.adjusted <= ALPHA

    def inverse(self) -> Compared:
        """Return the comparison of the second to the first."""
        return Compared(self.ratio.inverse(), self.adjusted)


def step(capacity_rps: float | None, duration_s: float) -> float:
    """Return what a rate goes up in: one request in a trial; a capacity is known to its precision."""
    return capacity_rps * capacity.PRECISION if capacity_rps else 1 / duration_s


class Group:
    """The rows of a group in their order, and what their trials tell of it.

    Attributes:
        rows: in their order.
        latency: the one whose inverse is compared; None where rates are.

    """

    def __init__(self, rows: Sequence[dict[str, Any]], trials: Trials) -> None:
        """Order the rows by severity, then merit, and compare those that have any.

        Args:
            rows: of one group.
            trials: gives their good ones; a row may lack some, or all.

        """
        by = latency_of(rows)
        self.latency = by if any(row["service_level"] is not None for row in rows) else None
        self.rows = sorted(rows, key=lambda row: (below(row), merit(row, by)))
        self._by_merit = [row for row in self.rows if not below(row)]
        self._trials = {row["cell"]: trials(row["cell"], by) for row in self._by_merit}
        self._merits = self._merits_of(by)
        self._by_merit.sort(key=lambda row: self._merits[row["cell"]])
        self.rows[: len(self._by_merit)] = self._by_merit
        self._blocks = self._modelled()
        self._compared = self._compare()
        # what is plain comes out first again, with more trials; these are then left in the family
        self._undecided = len([one for one in self._compared.values() if not one.told_apart])

    def settle(self) -> None:
        """Give every row its rank, its place, the places that it may have, and its next neighbour."""
        for row in self.rows:
            row.update({"rank": None, "place": None, "places": None, "tied": False, "neighbour": None})
        for row in self._by_merit:
            if has_place(row):
                better = [one for one in self._merits.values() if one < self._merits[row["cell"]]]
                row["rank"] = 1 + len(better)
        repeated = [row for row in self._by_merit if self.is_compared(row) and has_place(row)]
        for members in self._places(repeated):
            for row in members:
                row["place"], row["tied"] = members[0]["rank"], len(members) > 1
                row["places"] = self._range(row)
        for row, following in pairwise(repeated):
            row["neighbour"] = self._neighbour(row, following)

    def is_repeated(self, row: Row) -> bool:
        """Whether the row has trials enough for an interval."""
        return len(self._trials.get(row["cell"], {})) >= _FEWEST_TRIALS

    def is_compared(self, row: Row) -> bool:
        """Whether the order says of the row what its trials can tell; of what missed the service level not.

        Such rows come by the share that missed it, of which no trial tells how it varies.
        """
        return self.is_repeated(row) and keeps_its_level(row)

    def compared(self, a: str, b: str) -> Compared | None:
        """Return cell a compared with cell b.

        None if they share fewer than two blocks, both are bound, or one missed the service level.
        """
        if (a, b) in self._compared:
            return self._compared[a, b]
        turned = self._compared.get((b, a))
        return turned.inverse() if turned else None

    def ratio(self, a: str, b: str) -> Ratio | None:
        """Return cell a ÷ cell b, as one comparison by itself; None if they share fewer than two blocks."""
        return self._blocks.ratio(a, b)

    def _merits_of(self, by: str) -> dict[str, tuple[float, float]]:
        """Return what each row is ordered by; a rate over the blocks of all, where some lack trials."""
        merits = {row["cell"]: merit(row, by) for row in self._by_merit}
        rated = {row["cell"] for row in self._by_merit if row["service_level"] is None}
        known = {cell: of for cell, of in self._trials.items() if of and cell in rated}
        if len({frozenset(of) for of in known.values()}) < 2:  # noqa: PLR2004 - all have the same blocks
            return merits
        bound = {row["cell"] for row in self._by_merit if not has_place(row)}
        logs = {
            cell: {block: math.log(rate) for block, rate in of.items()}
            for cell, of in known.items()
            if cell not in bound
        }
        means = effects.fit(logs).cells if logs else {}
        return merits | {cell: (0.0, -math.exp(found.mean)) for cell, found in means.items()}

    def _modelled(self) -> Blocks:
        """Return the trials as blocks; a row that varies widely is judged by itself alone, and judges nobody.

        What bound rows have in common is that the load holds them in place, whatever the machine does.
        """
        rates = {(cell, block): rate for cell, of in self._trials.items() for block, rate in of.items()}
        return Blocks(
            rates,
            unpooled=[row["cell"] for row in self._by_merit if WIDE_SPREAD.code in row["notes"]],
            kinds={row["cell"]: "bound" for row in self._by_merit if not has_place(row)},
            steps={
                row["cell"]: step(row["capacity_rps"], float(row["load"]["duration_s"]))
                for row in self._by_merit
                if row["service_level"] is None
            },
        )

    def _compare(self) -> dict[tuple[str, str], Compared]:
        """Compare all rows that have a place as one family, and these with the bound ones as another."""
        found: dict[tuple[str, str], Compared] = {}
        placed = {row["cell"]: has_place(row) for row in self._by_merit if self.is_compared(row)}
        pairs = list(combinations(placed, 2))
        for bound in (0, 1):
            family = [pair for pair in pairs if [placed[cell] for cell in pair].count(False) == bound]
            ratios = {pair: ratio for pair in family if (ratio := self._blocks.ratio(*pair))}
            adjusted = holm([ratio.p for ratio in ratios.values()])
            for (pair, ratio), p in zip(ratios.items(), adjusted, strict=True):
                found[pair] = Compared(ratio, p)
        return found

    def _told_better(self, a: str, b: str) -> bool:
        compared, turned = self._compared.get((a, b)), self._compared.get((b, a))
        if compared:
            return compared.told_apart and compared.ratio.value > 1
        return turned is not None and turned.told_apart and turned.ratio.value < 1

    def _places(self, rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """Return the rows by place. A row of wide spread leads no other, unless it is alone at its place."""
        places: list[list[dict[str, Any]]] = []
        leader: dict[str, Any] | None = None
        for row in rows:
            wide = WIDE_SPREAD.code in row["notes"]
            if leader is None or self._told_better(leader["cell"], row["cell"]):
                places.append([row])
                leader = row
            else:
                places[-1].append(row)
                if WIDE_SPREAD.code in leader["notes"] and not wide:
                    leader = row
        return places

    def _range(self, row: Row) -> list[int]:
        """Return the best and the worst place that the row may have; a bound row may always be better."""
        cell = row["cell"]
        others = [other for other in self._by_merit if other is not row]
        better = [other for other in others if self._told_better(other["cell"], cell)]
        worse = [other for other in others if self._told_better(cell, other["cell"]) and has_place(other)]
        return [1 + len(better), len(self._by_merit) - len(worse)]

    def _neighbour(self, row: Row, following: Row) -> dict[str, Any] | None:
        cells = row["cell"], following["cell"]
        compared = self.compared(*cells)
        if compared is None:
            return None
        return {
            "cell": following["cell"],
            "ratio": compared.ratio.value,
            "interval": [compared.ratio.interval.low, compared.ratio.interval.high],
            "told_apart": compared.told_apart,
            "same_place": row["place"] == following["place"],
            "more_trials": None if compared.told_apart else self._more_trials(compared, *cells),
        }

    def _more_trials(self, compared: Compared, a: str, b: str) -> int | None:
        """Return how many more trials would tell two rows apart; None if more than `MOST_TRIALS` in all."""
        ratio, blocks = compared.ratio, self._blocks.blocks(a, b)
        variance = ratio.standard_error**2 * blocks
        several = self._undecided

        def enough(more: int) -> bool:
            degrees = ratio.degrees + more - blocks
            return power.tells_apart(math.log(ratio.value), variance, more, degrees, several)

        needed = power.fewest(enough, blocks + 1, MOST_TRIALS)
        return None if needed is None else needed - blocks


def ordered(rows: Sequence[dict[str, Any]], trials: Trials) -> list[Group]:
    """Return the rows as groups in the order of the matrix, each row with its rank and place."""
    members: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        members.setdefault(group_of(row), []).append(row)
    groups = [Group(group, trials) for group in members.values()]
    for group in groups:
        group.settle()
    return groups
