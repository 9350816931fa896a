"""end.json: written once, by whichever end comes first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tripod.runs import ending
from tripod.runs.documents import problem_of


@pytest.mark.parametrize("outcome", [ending.COMPLETED, ending.FAILED, ending.INTERRUPTED])
def test_every_outcome_fits_the_schema(tmp_path: Path, outcome: str) -> None:
    """Each outcome makes a file that readers accept, with the times of the measurement."""
    assert ending.write(tmp_path, outcome, ending.timestamp())
    end = json.loads((tmp_path / "end.json").read_text())
    assert problem_of(end, "end") is None
    assert (end["outcome"], end["run_id"]) == (outcome, tmp_path.name)


def test_the_first_end_stands(tmp_path: Path) -> None:
    """A completed run that is interrupted while it tabulates stays completed."""
    assert ending.write(tmp_path, ending.COMPLETED, ending.timestamp())
    assert not ending.write(tmp_path, ending.INTERRUPTED, None)
    assert json.loads((tmp_path / "end.json").read_text())["outcome"] == "completed"


def test_a_run_that_never_measured(tmp_path: Path) -> None:
    """A run that failed before measuring has no times of a measurement."""
    ending.write(tmp_path, ending.FAILED, None)
    end = json.loads((tmp_path / "end.json").read_text())
    assert (end["measure_started_at"], end["measure_ended_at"]) == (None, None)
    assert problem_of(end, "end") is None
