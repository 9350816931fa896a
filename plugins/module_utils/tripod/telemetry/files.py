"""Where a host's sampler and those who start and read it leave things for each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..process_lock import ProcessLock

# k6 stands among the services by its leg.
K6 = "load"


class Files:
    """The files below `telemetry/` in Tripod's directory on the host.

    Attributes:
        directory: theirs.
        watched: which trial is watched, and its services; written by a trial's start.
        samples: of that trial, a JSON array on each line; written by the sampler (`samples.Samples`).
        program: the sampler's, with all that it needs of Tripod.
        log: what the sampler had to say as it died.
        k6: the lock file of k6, which has its PID.

    """

    def __init__(self, root: str | Path) -> None:
        """Use the files below Tripod's directory."""
        self.directory = Path(root) / "telemetry"
        self.watched = self.directory / "watched.json"
        self.samples = self.directory / "samples"
        self.program = self.directory / "sampler.pyz"
        self.log = self.directory / "sampler.log"
        self.k6 = Path(root) / "k6.lock"

    def lock(self) -> ProcessLock:
        """Return the lock that the sampler holds."""
        return ProcessLock(self.directory / "lock", "the sampler")

    def watch(self, content: dict[str, Any]) -> None:
        """Say in one step what is watched."""
        fresh = self.watched.with_suffix(".new")
        fresh.write_text(json.dumps(content), encoding="utf-8")
        fresh.replace(self.watched)
