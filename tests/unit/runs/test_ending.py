"""end.json: written once, by whichever end comes first."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from run_files import ROOT

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


def test_a_full_disk_leaves_no_half_of_an_end(tmp_path: Path) -> None:
    """What cannot be written whole is not there, and the next who tries writes it."""
    script = (
        "import resource, signal, sys, pathlib; from tripod.runs import ending\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "ending.write(pathlib.Path(sys.argv[1]), ending.FAILED, None)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "OSError" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert ending.write(tmp_path, ending.FAILED, None)


def test_a_run_that_never_measured(tmp_path: Path) -> None:
    """A run that failed before measuring has no times of a measurement."""
    ending.write(tmp_path, ending.FAILED, None)
    end = json.loads((tmp_path / "end.json").read_text())
    assert (end["measure_started_at"], end["measure_ended_at"]) == (None, None)
    assert problem_of(end, "end") is None
