"""Several runs side by side: each cell's rate in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.report.columns import NOTHING, rate
from tripod.report.page import census


def side_by_side(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the runs' names, and for each cell that any of them has its rate in each.

    What stands beside a rate is its ratio to the first run's, where both rows may be believed; no more is
    claimed of it, since machines drift between runs.
    """
    found = [{row["cell"]: row for row in table["rows"]} for table in tables]
    cells = dict.fromkeys(cell for rows in found for cell in rows)
    return {
        "runs": [table["run_id"] for table in tables],
        "rows": [
            {"cell": cell, "sides": [_side(rows.get(cell), found[0].get(cell)) for rows in found]}
            for cell in cells
        ],
    }


def _side(row: Mapping[str, Any] | None, first: Mapping[str, Any] | None) -> dict[str, Any]:
    if row is None or row["rps"] is None:
        return {
            "rate": NOTHING,
            "interval": None,
            "ratio": None,
            "state": "missing" if row is None else "failed",
        }
    interval = row["rps_interval"]
    comparable = first is not None and first is not row and first["rps"] and first["load"] == row["load"]
    believed = all(census.state_of(one) == "placed" for one in (row, first) if one)
    return {
        "rate": rate(row["rps"]),
        "interval": f"{rate(interval[0])}\u2013{rate(interval[1])}" if interval else None,
        "ratio": f"{row['rps'] / first['rps']:.2f}" if comparable and believed and first else None,
        "state": census.state_of(row),
    }
