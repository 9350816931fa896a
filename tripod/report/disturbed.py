"""Whether its hosts disturbed a run as a whole: told above its rows, whose order may come from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue.words import count
from tripod.verdicts.calibration import NOISY_HOST
from tripod.verdicts.hosts import APP_HOST_SHARED, STEAL

_BY_OTHERS = (APP_HOST_SHARED.code, STEAL.code, NOISY_HOST.code)


def sentence(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return how many rows of a table were disturbed, and by what; None if fewer than half of them were."""
    measured = [row for row in rows if row["status"] != "failed"]
    disturbed = [row for row in measured if not set(_BY_OTHERS).isdisjoint(row["reasons"])]
    if not disturbed or 2 * len(disturbed) < len(measured):
        return None
    codes = [code for code in _BY_OTHERS if any(code in row["reasons"] for row in disturbed)]
    return (
        f"{len(disturbed)} of {count(len(measured), 'row')}: {', '.join(codes)}: other work had a part of "
        "the hosts, or they were slower than they can be; on quiet ones the order may be another"
    )
