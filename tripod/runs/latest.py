"""Points results/latest to a run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tripod.runs.finding import LATEST


def point(run_dir: Path) -> None:
    """Let `latest` beside the run's directory be a link to it, in one step; raises OSError."""
    with tempfile.TemporaryDirectory(dir=run_dir.parent, prefix=f".{LATEST}.") as folder:
        fresh = Path(folder) / LATEST
        fresh.symlink_to(run_dir.name)
        fresh.replace(run_dir.parent / LATEST)
