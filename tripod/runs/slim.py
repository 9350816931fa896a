"""Reads k6's summary quickly: checked as it is declared, but with the quantiles of some trends only.

A summary has a grid of a thousand quantiles for each of a dozen trends. To make objects of all of them takes
longer than everything else that a table needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tripod.runs.formats import k6


class _Parts(msgspec.Struct):
    """A summary whose metrics are still text."""

    metrics: dict[str, msgspec.Raw]
    state: k6.State
    root_group: k6.Group | msgspec.UnsetType = msgspec.UNSET


_PARTS = msgspec.json.Decoder(_Parts)
_METRIC = msgspec.json.Decoder(k6.Counter | k6.Gauge | k6.Rate | k6.Trend)


def decode(content: bytes, quantiles_of: Callable[[str], bool]) -> dict[str, Any] | None:
    """Return the `metrics` of a summary, of the trends that are asked for with all quantiles.

    None if it is not as declared: why, `tripod.runs.documents.parse_document` tells.
    """
    try:
        parts = _PARTS.decode(content)
        metrics = {name: _METRIC.decode(text) for name, text in parts.metrics.items()}
        k6.K6Summary(metrics=metrics, state=parts.state, root_group=parts.root_group)
        return {
            "metrics": {
                name: msgspec.json.decode(text) if quantiles_of(name) else msgspec.to_builtins(metrics[name])
                for name, text in parts.metrics.items()
            }
        }
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
