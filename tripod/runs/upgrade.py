"""Documents of earlier format versions: what they had to be, and how they become today's.

A run directory stays as it was written. Its documents are lifted in memory, right after they were read and
checked, so that everything behind the reader knows one version only.

| document | version | otherwise than in the next one |
|---|---|---|
| plan.json | 1 | `legs` maps each leg to one host; since 2 to a list |
| record.json | 1 | `k6` is one object without `host`, or null; since 2 a list, one for each load host |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import UNSET, Struct, UnsetType

from tripod.runs.formats.declaration import Count, key
from tripod.runs.formats.plan import PlanOfAnyFormat
from tripod.runs.formats.record import K6OfAnyFormat, RecordOfAnyFormat


class Legs1(Struct, kw_only=True):
    """The host of each leg."""

    load: Annotated[str, key("the load host")]
    app: Annotated[str, key("the app host")]
    db: Annotated[str, key("the DB host")]


class Plan1(PlanOfAnyFormat, kw_only=True):
    """A plan before legs were lists."""

    format: Annotated[Literal[1], key("format version")]
    legs: Annotated[Legs1, key("which host is which leg")]


class K61(K6OfAnyFormat, kw_only=True):
    """The measuring k6 of the only load host."""

    warmup_requests: Annotated[Count | UnsetType | None, key("successful requests of the warm-up")] = UNSET


class Record1(RecordOfAnyFormat, kw_only=True):
    """A record before several load hosts could be."""

    format: Annotated[Literal[1], key("format version")]
    k6: Annotated[K61 | None, key("the measuring k6; null if it was not started")]


EARLIER: dict[tuple[str, int], type[Struct]] = {("plan", 1): Plan1, ("record", 1): Record1}
"""What documents had to be, by kind and format version."""


def lift_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan that was checked, in today's format."""
    if plan["format"] != 1:
        return dict(plan)
    return {**plan, "format": 2, "legs": {leg: [host] for leg, host in plan["legs"].items()}}


def lift_record(record: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record that was checked, in today's format; `plan` is that of its run, lifted.

    Raises:
        ValueError: if the plan has several load hosts, which the record's format did not know.

    """
    if record["format"] != 1:
        return dict(record)
    host, *others = plan["legs"]["load"]
    if others:
        raise ValueError("format version is 1, but the plan has several load hosts, which are known since 2")
    k6 = record["k6"]
    started = [{"host": host, "warmup_requests": None, **k6}] if k6 else []
    return {**record, "format": 2, "k6": started}
