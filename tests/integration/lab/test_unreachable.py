"""A host that is lost in the middle of a run costs the trial in flight, and nothing else."""

from __future__ import annotations

import json

import pytest
from lab_runs import no_answer, on_load_host, services, started
from playbook_runs import Bench, Lab
from watched_runs import recorded, wait_for

pytestmark = pytest.mark.lab

ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s", "-e", "duration=3s")
TRIALS = [f"async-uvicorn-w1-db25-r{repeat}" for repeat in (1, 2, 3)]


def test_a_host_unreachable_in_one_trial(lab: Lab, bench: Bench) -> None:
    """In trial 2 of 3 the DB host is gone: 2 has failed, k6 never ran in it; 3 is measured; exit 2."""
    with started(bench, *ONE_CELL, "-e", "repeats=3") as process:
        wait_for(process, recorded(bench, TRIALS[0]), "the record of trial 1")
        with no_answer(lab.hosts["tripod-db"]):
            wait_for(process, recorded(bench, TRIALS[1]), "the record of trial 2")
        assert process.wait(240) == 2
    records = [bench.read(f"trials/{trial}/record.json") for trial in TRIALS]
    assert [record["status"] for record in records] == ["ok", "failed", "ok"]
    assert records[1]["reasons"] == ["unreachable"]
    assert records[1]["message"].startswith("tripod-db: the host could not be reached: ")
    assert "privilege" not in records[1]["message"]
    assert "Check that the machine is on" in records[1]["message"]
    assert records[1]["message"].endswith(".")
    assert records[1]["k6"] == []
    # k6 was not started: its log would be there.
    assert (on_load_host(lab, bench, TRIALS[2]) / "measure.log").is_file()
    assert not (on_load_host(lab, bench, TRIALS[1]) / "measure.log").exists()
    assert not (bench.directory / "trials" / TRIALS[1] / "k6.json").exists()
    # The later stages ran: end, fetch (k6's log is on the controller), table.
    assert bench.read("end.json")["outcome"] == "completed"
    assert (bench.directory / "trials" / TRIALS[2] / "measure.log").is_file()
    row = json.loads((bench.directory / "summary.json").read_text())["rows"][0]
    assert (row["trials"], row["trials_failed"], row["status"]) == (3, 1, "ok")
    assert services() == {}
