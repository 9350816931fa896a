"""Writes what came out of a trial into the run's directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tripod.runs import files
from tripod.trial.record import compressed_k6_summary, record
from tripod.trial.steps import LOAD, Steps
from tripod.trial.told import Trial


def write(run_dir: Path, trial: Trial, steps: Steps) -> dict[str, Any]:
    """Write record.json and, where k6 measured, k6.json.gz; return what people are told of the record."""
    content = record(trial, steps)
    directory = run_dir / "trials" / trial.name
    directory.mkdir(parents=True, exist_ok=True)
    for host in trial.legs["load"]:
        summary = compressed_k6_summary(steps[LOAD].get(host, {}), "measure")
        if summary is not None:
            files.write(directory / "k6.json.gz", summary)
    files.write(directory / "record.json", json.dumps(content, indent=2) + "\n")
    return {key: content[key] for key in ("status", "reasons", "message")}
