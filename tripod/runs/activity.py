"""What the record of a trial says that its hosts did in the measured window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tripod.stats.activity import Activity


def by_host(record: Mapping[str, Any]) -> dict[str, Activity]:
    """Return host → what it did; without those of which nothing is known."""
    return {
        host: msgspec.convert(sampled["activity"], Activity, str_keys=True)
        for host, sampled in (record.get("telemetry") or {}).items()
        if sampled["activity"] is not None
    }


def by_leg(hosts: Mapping[str, Activity], legs: Mapping[str, list[str]]) -> dict[str, Activity]:
    """Return leg → what its host did; of several hosts of a leg, what the first one did.

    Legs of which nothing is known are left out. Legs on one host have the same, with the services of all.

    Args:
        hosts: as `by_host` gives them.
        legs: of the run's plan.

    """
    return {leg: hosts[names[0]] for leg, names in legs.items() if names and names[0] in hosts}
