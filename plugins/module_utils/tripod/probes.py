"""One rate as a k6 process offers it, and what its summary says of that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def phase(search: Mapping[str, Any], rate: int, number: int, *, confirms: bool) -> dict[str, Any]:
    """Return the k6 process that offers this rate: as long as a measurement, or as its requests take.

    Args:
        search: as `tripod.trial.told.search` makes it.
        rate: requests per second.
        number: of the probe, for the names of its files; what confirms has those of a measurement.
        confirms: whether it lasts as long as a measurement.

    """
    probe = search["probe"]
    environment = dict(probe["environment"])
    seconds = search["duration_s"] if confirms else _length_s(search, rate)
    name, summary = ("measure", "k6.json") if confirms else (f"probe-{number}", f"probe-{number}.json")
    log = f"{name}.log"
    place = environment["TRIPOD_SUMMARY"].rpartition("/")[0]
    environment |= {
        "TRIPOD_RATE": str(rate),
        "TRIPOD_VUS": str(math.ceil(rate * search["users_per_rps"])),
        "TRIPOD_DURATION_S": f"{seconds:.3f}",
        "TRIPOD_SUMMARY": f"{place}/{summary}",
    }
    limit_s = seconds + search["beyond_s"]
    return {**probe, "name": name, "log": log, "environment": environment, "limit_s": limit_s}


def _length_s(search: Mapping[str, Any], rate: int) -> float:
    """Return the length of a probe, to the ms, since that is what k6 is told."""
    return max(math.ceil(1000 * search["least_requests"] / rate) / 1000, search["shortest_s"])


def outcome(search: Mapping[str, Any], ran: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came of a rate, as record.json has it; `ran` is its phase, `summary` what k6 wrote."""
    names, environment = search["metrics"], ran["environment"]
    dropped = count(summary, names["dropped"])
    # k6 begins each iteration that is due, or counts it as dropped.
    scheduled = (count(summary, names["iterations"]) + dropped) * search["requests_per_iteration"]
    within = min(count(summary, names["within"]), scheduled)
    return {
        "rate": int(environment["TRIPOD_RATE"]),
        "vus": int(environment["TRIPOD_VUS"]),
        "seconds": float(environment["TRIPOD_DURATION_S"]),
        "scheduled": scheduled,
        "within": within,
        "dropped_iterations": dropped,
        "ok_requests": count(summary, names["ok_total"]),
        "missed_share": 1 - within / scheduled if scheduled else 1.0,
        "confirms": ran["name"] == "measure",
    }


def count(summary: Mapping[str, Any], metric: str) -> int:
    """Return a counter of a summary; k6 leaves out what was never counted."""
    return int(summary["metrics"].get(metric, {}).get("values", {}).get("count", 0))
