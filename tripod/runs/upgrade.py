"""Documents of earlier format versions: what they had to be, and how they become today's.

A run directory stays as it was written. Its documents are lifted in memory, right after they were read and
checked, so that everything behind the reader knows one version only.

| document | version | otherwise than in the next one |
|---|---|---|
| plan.json | 1 | `legs` maps each leg to one host; since 2 to a list |
| hosts.json | 1 | `pairs` have the `separation`, not that of load and db; since 2 `separations` has all |
| record.json | 1 | `k6` is one object without `host`, or null; since 2 a list, one for each load host |
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import UNSET, Struct, UnsetType

from tripod.catalogue import shapes
from tripod.runs.formats.declaration import Count, key
from tripod.runs.formats.hosts import HostsOfAnyFormat, ObservedPair, Separation
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


class Pair1(ObservedPair, kw_only=True):
    """Two legs, with how far they stand apart."""

    separation: Annotated[Separation, key("how far they stand apart")]


class Hosts1(HostsOfAnyFormat, kw_only=True):
    """What was observed before load and db were compared, too."""

    format: Annotated[Literal[1], key("format version")]
    pairs: Annotated[list[Pair1], key("load to app, and app to db")]
    separation: Annotated[Separation, key("of the pair that stands least apart")]


EARLIER: dict[tuple[str, int], type[Struct]] = {
    ("plan", 1): Plan1,
    ("hosts", 1): Hosts1,
    ("record", 1): Record1,
}
"""What documents had to be, by kind and format version."""


def lift_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan that was checked, in today's format; its loads have all keys."""
    cells = [{**cell, "load": shapes.complete(cell["load"])} for cell in plan["cells"]]
    if plan["format"] != 1:
        return {**plan, "cells": cells}
    return {**plan, "format": 2, "legs": {leg: [host] for leg, host in plan["legs"].items()}, "cells": cells}


def lift_hosts(hosts: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a hosts.json that was checked, in today's format; `plan` is that of its run, lifted.

    How far load and db stand apart follows from the two pairs, but where both are separate kernels: then
    nothing is claimed, unless one host is both.
    """
    if hosts["format"] != 1:
        return dict(hosts)
    pairs = [{key: pair[key] for key in pair if key != "separation"} for pair in hosts["pairs"]]
    found = [
        {
            "legs": [pair["from"], pair["to"]],
            "hosts": [pair["from_host"], pair["to_host"]],
            "separation": pair["separation"],
        }
        for pair in hosts["pairs"]
    ]
    apart = [pair["separation"] == "separate-kernels" for pair in found]
    separation = hosts["separation"]
    for one, other in itertools.product(plan["legs"]["load"], plan["legs"]["db"]):
        follows = "separate-kernels" if any(apart) else "shared-kernel"
        if one == other:
            separation = follows = "one-host"
        elif all(apart):
            separation = None
            continue
        found.append({"legs": ["load", "db"], "hosts": [one, other], "separation": follows})
    return {**hosts, "format": 2, "pairs": pairs, "separations": found, "separation": separation}


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
