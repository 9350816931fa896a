"""end.json: when and how a run, or a continuation of it, ended. Written once, by whichever comes first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tripod.catalogue.formats import VERSIONS
from tripod.runs import files
from tripod.runs.stints import file_name

COMPLETED, FAILED, INTERRUPTED = "completed", "failed", "interrupted"
_MESSAGES = {
    COMPLETED: None,
    FAILED: "the playbook failed before the measurement ended; see its output",
    INTERRUPTED: "the run was interrupted; finished trials are kept",
}


def write(  # noqa: PLR0913 - all but the first three by name
    run_dir: Path,
    outcome: str,
    measure_started_at: str | None,
    *,
    measure_ended_at: str | None = None,
    clocks: Mapping[str, Mapping[str, float]] | None = None,
    still_running: Sequence[str] = (),
    continuation: int = 0,
) -> bool:
    """Write end.json unless it is there already; return whether it was written.

    Args:
        run_dir: the run's directory, which must exist.
        outcome: `completed` (every trial was tried), `failed` or `interrupted`.
        measure_started_at: start of the measure stage, ISO 8601 in UTC; None if it was not reached.
        measure_ended_at: its end, likewise; None if that is now.
        clocks: how far the hosts' clocks are apart now; None if nobody asked.
        still_running: what may still run on the hosts, and what to type to stop it.
        continuation: which of the run's has ended, from 1; 0 is the run as it began.

    Raises:
        OSError: if it cannot be written.

    """
    now = timestamp()
    message = "; ".join([text for text in (_MESSAGES[outcome], *still_running) if text]) or None
    end = {
        "format": VERSIONS["end"],
        "run_id": run_dir.name,
        "outcome": outcome,
        "message": message,
        "ended_at": now,
        "measure_started_at": measure_started_at,
        "measure_ended_at": (measure_ended_at or now) if measure_started_at else None,
        "clocks": clocks,
    }
    try:
        files.write(run_dir / file_name("end", continuation), json.dumps(end, indent=2) + "\n", once=True)
    except FileExistsError:
        return False
    return True


def timestamp() -> str:
    """Return the time, ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
