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
from typing import Any

_STRINGS = {"type": "array", "items": {"type": "string"}}

# (kind, version) → key → its schema then, where that was another than in the newest version.
KEYS_THEN: dict[tuple[str, int], dict[str, Any]] = {
    ("plan", 1): {
        "legs": {
            "type": "object",
            "required": ["load", "app", "db"],
            "properties": {leg: {"type": "string"} for leg in ("load", "app", "db")},
        }
    },
    ("record", 1): {
        "k6": {
            "type": ["object", "null"],
            "required": ["version", "exit_code", "command", "log_tail"],
            "properties": {
                "version": {"type": ["string", "null"]},
                "exit_code": {"type": ["integer", "null"]},
                "command": _STRINGS,
                "log_tail": _STRINGS,
                "warmup_requests": {"type": ["integer", "null"], "minimum": 0},
            },
        }
    },
}


def lift_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan that was checked, in today's format."""
    if plan["format"] != 1:
        return dict(plan)
    return {**plan, "format": 2, "legs": {leg: [host] for leg, host in plan["legs"].items()}}


def lift_record(record: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record that was checked, in today's format; `plan` is that of its run, lifted."""
    if record["format"] != 1:
        return dict(record)
    (host,) = plan["legs"]["load"]
    k6 = record["k6"]
    started = [{"host": host, "warmup_requests": None, **k6}] if k6 else []
    return {**record, "format": 2, "k6": started}
