"""The evidence that rules judge: of a trial, its record and figures; of a cell, its trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tripod.stats.database import Counted
from tripod.stats.figures import Figures


@dataclass(frozen=True)
class Trial:
    """One trial of the plan, as far as it was measured.

    Attributes:
        name: its directory in `trials/`.
        cell: the cell that it measured.
        record: record.json, or None if it was never written or is damaged.
        figures: what it measured; None unless it was measured to its end and its files are whole.
        failure: reason codes why it has no figures; empty if it has.
        message: the failure in words.

    """

    name: str
    cell: str
    record: Mapping[str, Any] | None
    figures: Figures | None = None
    failure: tuple[str, ...] = ()
    message: str | None = None

    def counted(self) -> Counted | None:
        """Return what the database counted, with the requests that belong to it; None if unknown."""
        if self.figures is None or self.record is None or not self.record.get("database"):
            return None
        warmed_up = self.record["seconds"]["warmup"] is not None
        in_warmup = (self.record["k6"] or {}).get("warmup_requests")
        if warmed_up and in_warmup is None:
            return None  # nobody knows how many requests the warm-up had, and no figure beats a wrong one
        return Counted(self.record["database"], self.figures.ok_requests_total + (in_warmup or 0))
