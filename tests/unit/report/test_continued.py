"""The table of a run that was continued: what it says of that, and what it leaves out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from run_files import RunFiles, cell, end, hosts, telemetry

from tripod.report import forms, header, table
from tripod.runs.listing import describe
from tripod.runs.results import read_run

SYNC = cell("sync-gunicorn")
NAME = SYNC["cell"]


@pytest.fixture
def continued(run_files: RunFiles) -> RunFiles:
    """Give a run of three trials: the second lost its host, the third was never reached; both came later."""
    run_files.plan([SYNC], repeats=3)
    run_files.trial(f"{NAME}-r1", rps=70.0, telemetry=telemetry(clock_offset_s=0.0))
    run_files.failed_trial(f"{NAME}-r2", "lease-lost")
    (run_files.path / "end.json").unlink()
    again = {"trial": f"{NAME}-r2-try2", "cell": NAME, "repeat": 2, "block": 2}
    again |= {"instead_of": f"{NAME}-r2", "why": "lease-lost"}
    third = {"trial": f"{NAME}-r3", "cell": NAME, "repeat": 3, "block": 4}
    plan = json.loads((run_files.path / "plan.json").read_text(encoding="utf-8"))
    run_files.write("plan.1.json", plan | {"continuation": 1, "trials": [again, third]})
    run_files.write("hosts.1.json", hosts())
    clocks = {"tripod-app": {"offset_s": 0.5, "error_s": 0.0}}
    run_files.write("end.1.json", end(run_files.path.name) | {"clocks": clocks})
    moved: Any = telemetry(clock_offset_s=0.5)
    run_files.trial(f"{NAME}-r3", rps=72.0, telemetry=moved)
    run_files.trial(f"{NAME}-r9", rps=71.0, telemetry=moved, trial=f"{NAME}-r2-try2", repeat=2)
    (run_files.path / f"trials/{NAME}-r9").rename(run_files.path / f"trials/{NAME}-r2-try2")
    return run_files


def test_none_is_counted_twice(continued: RunFiles) -> None:
    """The row has one trial of each repeat; the header says that the run was continued, a note what again."""
    made = table.make(read_run(continued.path))
    [row] = made["rows"]
    assert sorted(row["rps_per_trial"]) == [70.0, 71.0, 72.0]
    assert (made["trials"], made["trials_failed"], made["continuations"]) == (3, 0, 1)
    assert made["measured_again"] == [
        {"trial": f"{NAME}-r2-try2", "instead_of": f"{NAME}-r2", "why": "lease-lost"}
    ]
    text = forms.markdown(made)
    assert "completed; continued once, 1 trial measured again (see below)" in text
    assert f"measured again (lease-lost): {NAME}-r2-try2 in place of {NAME}-r2" in text
    assert made["harness_seconds_per_trial"] is None
    assert made["problems"] == []


def test_clocks_are_those_of_each_stint(continued: RunFiles) -> None:
    """A clock that was set between two stints went astray in none of them."""
    assert not any("its clock went" in line for line in table.make(read_run(continued.path))["caveats"])


def test_the_list_of_runs_has_its_last_end(continued: RunFiles) -> None:
    """It counts trials once, too."""
    run = describe(continued.path, continued.path.parent.parent)
    assert (run.planned, run.measured, run.outcome) == (3, 3, "completed")


def test_what_can_be_made_up_for_is_told(run_files: RunFiles) -> None:
    """Where trials lost a host or were not reached, the next command stands below the table."""
    run_files.plan([SYNC], repeats=3)
    run_files.failed_trial(f"{NAME}-r1", "unreachable")
    run_files.failed_trial(f"{NAME}-r2", "app-gone")
    text = forms.markdown(table.make(read_run(run_files.path)))
    assert "2 trials can be made up for" in text
    assert f"bench.yml -e run\\_id={run_files.path.name} -e resume=true" in text


@pytest.mark.parametrize("outcome", ["interrupted", "failed", None])
def test_what_left_nothing_in_a_run_without_its_end_is_not_called_failed(
    run_files: RunFiles, outcome: str | None
) -> None:
    """Nor while the run goes on; a trial that was begun and failed still is."""
    run_files.plan([SYNC], repeats=4)
    run_files.trial(f"{NAME}-r1")
    run_files.failed_trial(f"{NAME}-r2", "app-gone", message="gone")
    if outcome:
        run_files.change("end.json", outcome=outcome)
    else:
        (run_files.path / "end.json").unlink()
    made = table.make(read_run(run_files.path))
    assert dict(header.facts(made))["outcome"].endswith("; 1 of 4 trials measured, 1 failed, 2 not measured")
    notes = header.notes(made)
    assert f"failed: {NAME}-r2: app-gone (gone)" in notes
    left = f"not measured: 2 trials: {NAME}-r3, {NAME}-r4: not-run (no record.json: it was not reached, "
    assert [note for note in notes if note.startswith(left)]
    run_files.trial(f"{NAME}-r2")
    told = dict(header.facts(table.make(read_run(run_files.path))))["outcome"]
    assert told.endswith("; 2 of 4 trials measured, 2 not measured")


def test_what_is_lost_of_a_completed_run_has_failed(run_files: RunFiles) -> None:
    """It was reached, for all that the run says."""
    run_files.plan([SYNC], repeats=2)
    run_files.trial(f"{NAME}-r1")
    made = table.make(read_run(run_files.path))
    assert dict(header.facts(made))["outcome"] == "completed; 1 of 2 trials failed"
    assert [note for note in header.notes(made) if note.startswith(f"failed: {NAME}-r2: not-run")]
