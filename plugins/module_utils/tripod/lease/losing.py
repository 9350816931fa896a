"""What became of a lease that is not held, as its holder noted it beside the run's trials on the host."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import place

NOTE = "lease-lost.json"
SILENCE, BROKEN = "silence", "broken"


def note(root: str, run_id: str, content: dict[str, Any]) -> None:
    """Leave a note in the run's directory; a host that Tripod has not been deployed to gets none."""
    if Path(root).is_dir():
        with suppress(OSError):
            run = Path(root) / "runs" / run_id
            run.mkdir(parents=True, exist_ok=True)
            (run / NOTE).write_text(json.dumps(content) + "\n", encoding="utf-8")


def noted(root: str, lease: str) -> dict[str, Any]:
    """Return the note of a lease; empty if there is none."""
    for path in Path(root).glob(f"runs/*/{NOTE}"):
        with suppress(OSError, ValueError):
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["lease"] == lease:
                return dict(content)
    return {}


def lost(root: str, lease: str) -> tuple[str | None, bool]:
    """Return how the lease was lost, None if it is held; and whether somebody else has the host now."""
    if place.held(lease):
        return None, False
    seen = noted(root, lease)
    how = {
        SILENCE: "nothing was heard of the controller for {silence_s:g} s, so everything was stopped",
        BROKEN: "{by} ended the run with stop.yml",
    }.get(str(seen.get("why")), "its holder is gone")
    other = place.holder()
    now = f"; now {other.get('user')} has the host" if other else ""
    return f"the lease was lost: {how.format(**seen)}{now}", other is not None
