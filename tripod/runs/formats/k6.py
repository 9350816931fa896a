"""k6.json: what Tripod needs of k6's own end-of-test summary (the data of `handleSummary`, untouched).

A metric that never got a value may be absent.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, field

from tripod.runs.formats.declaration import Count, Measure, Number, key

# What the metrics that Tripod reads must be, where they are there; all others may be of any type.
_TYPES = {
    r"http_reqs|(dropped_)?iterations|tripod_ok_requests(_total|\{.+\})?": "counter",
    r"tripod_failed_requests(\{kind:.+\})?|tripod_within_slo(_of_send)?": "counter",
    r"http_req_failed|checks": "rate",
    r"tripod_schedule_lag": "trend",
    r"tripod_started_ms": "gauge",
    r"http_req_blocked|iteration_duration|http_req_duration\{(expected_response:true|name:.+)\}": "trend",
}


class CounterValues(Struct, kw_only=True):
    """Of a sum."""

    count: Annotated[Measure, key("the sum")]
    rate: Annotated[Measure, key("the sum over the length of the whole test", "/s")]


class GaugeValues(Struct, kw_only=True):
    """Of a value that goes up and down."""

    value: Annotated[Number, key("last value")]
    min: Annotated[Number, key("smallest")]
    max: Annotated[Number, key("largest")]


class RateValues(Struct, kw_only=True):
    """Of a share."""

    rate: Annotated[Measure, key("share that was true")]
    passes: Annotated[Measure, key("how often it was true")]
    fails: Annotated[Measure, key("how often it was false")]


class TrendValues(Struct, kw_only=True):
    """Of a distribution: a grid of its quantiles, of which these must be there."""

    avg: Annotated[Number, key("mean")]
    min: Annotated[Number, key("smallest")]
    med: Annotated[Number, key("median")]
    max: Annotated[Number, key("largest")]
    p0_1: Annotated[Number, key("quantile")] = field(name="p(0.1)")
    p50: Annotated[Number, key("quantile")] = field(name="p(50)")
    p90: Annotated[Number, key("quantile")] = field(name="p(90)")
    p95: Annotated[Number, key("quantile")] = field(name="p(95)")
    p99: Annotated[Number, key("quantile")] = field(name="p(99)")
    p99_9: Annotated[Number, key("quantile")] = field(name="p(99.9)")
    p99_99: Annotated[Number, key("quantile")] = field(name="p(99.99)")
    count: Annotated[Count, key("how many values there were")]


class Counter(Struct, kw_only=True, tag_field="type", tag="counter"):
    """A sum."""

    contains: Annotated[str, key("`default`, `time` or `data`")]
    values: Annotated[CounterValues, key("its statistics")]


class Gauge(Struct, kw_only=True, tag_field="type", tag="gauge"):
    """A value that goes up and down."""

    contains: Annotated[str, key("`default`, `time` or `data`")]
    values: Annotated[GaugeValues, key("its statistics")]


class Rate(Struct, kw_only=True, tag_field="type", tag="rate"):
    """A share."""

    contains: Annotated[str, key("`default`, `time` or `data`")]
    values: Annotated[RateValues, key("its statistics")]


class Trend(Struct, kw_only=True, tag_field="type", tag="trend"):
    """A distribution."""

    contains: Annotated[str, key("`default`, `time` or `data`")]
    values: Annotated[TrendValues, key("its statistics")]


class State(Struct, kw_only=True):
    """How the test went."""

    testRunDurationMs: Annotated[Measure, key("its length, drain included", "ms")]  # noqa: N815 - k6's name


class Check(Struct, kw_only=True):
    """A check of an answer."""

    name: Annotated[str, key("what it checks")]
    passes: Annotated[Count, key("how often it held")]
    fails: Annotated[Count, key("how often it did not")]


class Group(Struct, kw_only=True):
    """Checks of the script, and groups of them."""

    checks: Annotated[list[Check] | UnsetType, key("those of the group itself")] = UNSET
    groups: Annotated[list[Group] | UnsetType, key("groups in it")] = UNSET


class K6Summary(Struct, kw_only=True):
    """What Tripod needs of k6's own end-of-test summary; a metric that never got a value may be absent."""

    metrics: Annotated[dict[str, Counter | Gauge | Rate | Trend], key("by name", required=["http_reqs"])]
    state: Annotated[State, key("how the test went")]
    root_group: Annotated[Group | UnsetType, key("all checks of the script")] = UNSET

    def __post_init__(self) -> None:
        """Refuse a summary without requests, and metrics of another type than Tripod reads them as."""
        if "http_reqs" not in self.metrics:
            raise ValueError("'metrics' lacks 'http_reqs'")
        for name, metric in self.metrics.items():
            found = str(type(metric).__struct_config__.tag)
            wanted = _type_of(name) or found
            if found != wanted:
                raise ValueError(f"'metrics.{name}.type' is '{found}', allowed: {wanted}")


@lru_cache(maxsize=1024)  # all summaries have the same names
def _type_of(metric: str) -> str | None:
    """Return what a metric of this name must be; None if that is left to it."""
    return next((kind for names, kind in _TYPES.items() if re.fullmatch(names, metric)), None)
