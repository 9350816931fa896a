"""What is written of a trial, and what then leads to its run."""

from __future__ import annotations

import json
from pathlib import Path

from test_record import steps
from trial_cell import TRIAL

from tripod.trial import outcome


def test_the_first_trial_makes_its_run_the_latest(tmp_path: Path) -> None:
    """Whatever the link said before; the record is there by then."""
    (tmp_path / "latest").symlink_to("lost")
    told = outcome.write(tmp_path / "run", TRIAL, steps())
    assert told == {"status": "ok", "reasons": [], "message": None, "aside": None}
    assert (tmp_path / "latest").readlink() == Path("run")


def test_what_cannot_be_pointed_to_is_measured(tmp_path: Path) -> None:
    """A copied results directory may have a directory `latest`: that is said, and costs no trial."""
    (tmp_path / "latest").mkdir()
    told = outcome.write(tmp_path / "run", TRIAL, steps())
    record = json.loads((tmp_path / "run/trials" / TRIAL.name / "record.json").read_text(encoding="utf-8"))
    assert record["status"] == told["status"] == "ok"
    assert f"{tmp_path}/latest could not be made a link to this run" in told["aside"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "run"]
