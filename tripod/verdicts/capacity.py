"""A rule about a capacity: whether the load could have been asked for more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.catalogue.k6 import MOST_VUS
from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Rule, Severity

_USERS = Limit(
    name="virtual users that one request per second more would take",
    value=MOST_VUS,
    unit="users",
    source="the most that a plan may have",
)


def _at_limit(cell: Cell) -> Answer:
    if not cell.good:
        return Answer.NOT_JUDGED
    searches = [trial.record.get("capacity") for trial in cell.good if trial.record]
    return Answer.when(any(_highest(looked) for looked in searches if looked and looked["rate"]))


def _highest(looked: Mapping[str, Any]) -> bool:
    """Return whether the rate that was confirmed is the highest that the load can be asked for."""
    confirmed = looked["probes"][-1]
    return bool(confirmed["vus"] * (confirmed["rate"] + 1) / confirmed["rate"] > _USERS.value)


CAPACITY_CAPPED = Rule(
    code="capacity-capped",
    severity=Severity.BOUND,
    applies_to=AppliesTo.CELL,
    meaning="the capacity is the highest rate that the load can be asked for: it may be more",
    needs="a trial that was measured to its end",
    remedy="ask for a lower slo_ms, which takes fewer users for the same rate",
    judge=_at_limit,
    limits=(_USERS,),
)
