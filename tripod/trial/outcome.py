"""Writes what came out of a trial into the run's directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tripod.catalogue import k6
from tripod.runs import files, latest
from tripod.runs.finding import LATEST
from tripod.trial.record import record
from tripod.trial.steps import LOAD, Steps
from tripod.trial.summaries import compressed_k6_summary
from tripod.trial.told import Trial


def begin(run_dir: Path, trial: Trial) -> None:
    """Make the directory of a trial that begins; raises FileExistsError where its name was used before."""
    (run_dir / "trials" / trial.name).mkdir(parents=True)


def write(run_dir: Path, trial: Trial, steps: Steps) -> dict[str, Any]:
    """Write record.json and, where k6 measured, its summary; return what people are told of the record.

    With its first trial the run becomes the latest one; `aside` says why it could not.
    """
    content = record(trial, steps)
    directory = run_dir / "trials" / trial.name
    directory.mkdir(parents=True, exist_ok=True)
    hosts = trial.legs["load"]
    for host in hosts:
        summary = compressed_k6_summary(steps[LOAD].get(host, {}), "measure")
        if summary is not None:
            files.write(directory / f"{k6.file_stem('k6', host, hosts)}.json.gz", summary)
    files.write(directory / "record.json", json.dumps(content, indent=2) + "\n")
    aside = _pointed(run_dir) if trial.number == 1 else None
    return {key: content[key] for key in ("status", "reasons", "message")} | {"aside": aside}


def _pointed(run_dir: Path) -> str | None:
    """Let results/latest lead to the run, and return why it does not."""
    try:
        latest.point(run_dir)
    except OSError as error:
        place = run_dir.parent / LATEST
        return f"{place} could not be made a link to this run: {error.strerror}; if it is none, move it away"
    return None
