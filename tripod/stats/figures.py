"""The figures of one measured trial, taken from its k6 summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tripod.catalogue import k6
from tripod.catalogue.k6 import FAILURES, OK_IN_PART, OK_IN_WINDOW, OK_OF_ROUTE, OK_TOTAL
from tripod.stats.quantiles import Distribution, from_k6, merge

# Which k6 metric is each latency of a row. Failed requests are left out of the durations: k6 gives 0 ms for a
# request that was refused. Blocked time includes connecting, which `http_req_duration` does not contain.
LATENCIES = {
    "duration_ms": "http_req_duration{expected_response:true}",
    "blocked_ms": "http_req_blocked",
    "iteration_ms": "iteration_duration",
}
_ROUTE = re.compile(r"http_req_duration\{name:(.+)\}")
_OK_OF_ROUTE = re.compile(re.escape(OK_OF_ROUTE).replace("%s", "(.+)"))


class FiguresError(Exception):
    """A k6 summary contradicts itself."""


@dataclass(frozen=True)
class Schedule:
    """How an open load kept to its schedule, and its requests to theirs.

    Attributes:
        dropped_iterations: that found no virtual user when they were due.
        within_slo: successes that took no longer than they may from when their iteration was due; too few
            from the first dropped iteration on.
        within_slo_of_send: the same from when they were to be sent.
        lag: how late iterations began, ms; too much from the first dropped one on; None if none began.

    """

    dropped_iterations: int
    within_slo: int
    within_slo_of_send: int
    lag: Distribution | None


@dataclass(frozen=True)
class Figures:
    """What one trial measured.

    Attributes:
        requests: all that were answered or failed, the drain after `duration` included.
        failed_requests: of them, failed.
        failures: kind of failure → requests that failed so, wrong answers included; without those that none
            did, and empty in summaries from before they were told apart.
        failed_checks: checks of status or body that failed.
        iterations: complete iterations of the workload.
        ok_requests: successes completed within `duration`; the rate is made of these.
        ok_requests_total: all successes, those of the drain included.
        latencies: key of `LATENCIES` → distribution in ms; a latency without any value is absent.
        routes: route → distribution of its requests' durations in ms, failed ones included.
        ok_of_routes: route → its part of `ok_requests`; empty in summaries from before they were told apart.
        schedule: of an open load; None of a closed one.
        drains_s: of a closed load, the sum over users of what their last iteration took beyond `duration`;
            None in summaries from before it was counted.
        parts: `ok_requests` in each tenth of `duration`; None in summaries from before they were counted.

    """

    requests: int
    failed_requests: int
    failures: Mapping[str, int]
    failed_checks: int
    iterations: int
    ok_requests: int
    ok_requests_total: int
    latencies: Mapping[str, Distribution]
    routes: Mapping[str, Distribution]
    ok_of_routes: Mapping[str, int] = field(default_factory=dict)
    schedule: Schedule | None = None
    parts: tuple[int, ...] | None = None
    drains_s: float | None = None


def from_k6_summary(k6_summary: Mapping[str, Any]) -> Figures:
    """Return the figures of a k6 summary that its schema has passed.

    A metric that never got a value is absent from it and counts as zero.

    Raises:
        FiguresError: if requests succeeded but nothing counted them, or a quantile is none.

    """
    metrics = k6_summary["metrics"]
    successes = int(_value(metrics, "http_req_failed", "fails"))
    if successes and not {OK_IN_WINDOW, OK_TOTAL} & set(metrics):
        raise FiguresError(f"no counter '{OK_IN_WINDOW}', although {successes} requests succeeded")
    try:
        trends = {
            name: from_k6(metric["values"]) for name, metric in metrics.items() if _wanted(name, metric)
        }
    except ValueError as error:
        raise FiguresError(str(error)) from None
    return Figures(
        requests=int(_value(metrics, "http_reqs", "count")),
        failed_requests=int(_value(metrics, "http_req_failed", "passes")),
        failures={
            kind: count for kind, name in FAILURES.items() if (count := int(_value(metrics, name, "count")))
        },
        failed_checks=int(_value(metrics, "checks", "fails")),
        iterations=int(_value(metrics, "iterations", "count")),
        ok_requests=int(_value(metrics, OK_IN_WINDOW, "count")),
        ok_requests_total=int(_value(metrics, OK_TOTAL, "count")),
        latencies={key: trends[metric] for key, metric in LATENCIES.items() if metric in trends},
        routes={match[1]: trends[name] for name in trends if (match := _ROUTE.fullmatch(name))},
        parts=_parts(metrics),
        drains_s=_value(metrics, k6.DRAINS, "count") / 1000 if k6.DRAINS in metrics else None,
        ok_of_routes={
            match[1]: int(_value(metrics, name, "count"))
            for name in metrics
            if (match := _OK_OF_ROUTE.fullmatch(name))
        },
        schedule=_schedule(metrics, trends),
    )


def merged(parts: Sequence[Figures]) -> Figures:
    """Return the figures of one load that several load hosts shared: sums, and distributions merged by count.

    What one of them did not tell is unknown of all. `parts` has at least one.
    """
    first, *others = parts
    if not others:
        return first

    def added(of: Callable[[Figures], Mapping[str, int]]) -> dict[str, int]:
        counts = Counter[str]()
        for part in parts:
            counts.update(of(part))
        return dict(counts)

    def mixed(of: Callable[[Figures], Mapping[str, Distribution]]) -> dict[str, Distribution]:
        names = dict.fromkeys(name for part in parts for name in of(part))
        found = {name: merge([of(part)[name] for part in parts if name in of(part)]) for name in names}
        return {name: distribution for name, distribution in found.items() if distribution is not None}

    tenths = [part.parts for part in parts if part.parts is not None]
    drains_s = [part.drains_s for part in parts if part.drains_s is not None]
    return Figures(
        requests=sum(part.requests for part in parts),
        failed_requests=sum(part.failed_requests for part in parts),
        failures=added(lambda part: part.failures),
        failed_checks=sum(part.failed_checks for part in parts),
        iterations=sum(part.iterations for part in parts),
        ok_requests=sum(part.ok_requests for part in parts),
        ok_requests_total=sum(part.ok_requests_total for part in parts),
        latencies=mixed(lambda part: part.latencies),
        routes=mixed(lambda part: part.routes),
        ok_of_routes=added(lambda part: part.ok_of_routes),
        schedule=_schedules([part.schedule for part in parts if part.schedule is not None]),
        parts=tuple(map(sum, zip(*tenths, strict=True))) if len(tenths) == len(parts) else None,
        drains_s=sum(drains_s) if len(drains_s) == len(parts) else None,
    )


def _schedules(kept: Sequence[Schedule]) -> Schedule | None:
    """Return the schedule of all: k6 numbers the iterations of the whole load, so that each lag is right."""
    if not kept:
        return None
    return Schedule(
        dropped_iterations=sum(schedule.dropped_iterations for schedule in kept),
        within_slo=sum(schedule.within_slo for schedule in kept),
        within_slo_of_send=sum(schedule.within_slo_of_send for schedule in kept),
        lag=merge([schedule.lag for schedule in kept if schedule.lag]),
    )


def began_ms(k6_summary: Mapping[str, Any]) -> float | None:
    """Return when the measured window began, on the load host's wall clock; None if k6 does not say."""
    began: float | None = k6_summary.get("metrics", {}).get(k6.STARTED, {}).get("values", {}).get("min")
    return began


def _schedule(metrics: Mapping[str, Any], trends: Mapping[str, Distribution]) -> Schedule | None:
    if k6.WITHIN_SLO not in metrics:  # named in the summary of every open load, and of no other
        return None
    return Schedule(
        dropped_iterations=int(_value(metrics, k6.DROPPED, "count")),
        within_slo=int(_value(metrics, k6.WITHIN_SLO, "count")),
        within_slo_of_send=int(_value(metrics, k6.WITHIN_SLO_OF_SEND, "count")),
        lag=trends.get(k6.LAG),
    )


def _parts(metrics: Mapping[str, Any]) -> tuple[int, ...] | None:
    if not set(OK_IN_PART) <= set(metrics):
        return None
    return tuple(int(_value(metrics, name, "count")) for name in OK_IN_PART)


def needs_quantiles(metric: str) -> bool:
    """Whether figures are made of the quantiles of a metric of this name."""
    return metric in LATENCIES.values() or metric == k6.LAG or _ROUTE.fullmatch(metric) is not None


def _wanted(name: str, metric: Mapping[str, Any]) -> bool:
    return needs_quantiles(name) and metric["values"]["count"] > 0


def _value(metrics: Mapping[str, Any], metric: str, key: str) -> float:
    return float(metrics.get(metric, {}).get("values", {}).get(key, 0))
