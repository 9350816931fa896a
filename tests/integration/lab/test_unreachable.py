"""A host that is lost in the middle of a run costs the trial in flight, and nothing else."""

from __future__ import annotations

import json
import time

import pytest
from lab_runs import no_answer, no_ssh, on_load_host, services, started
from playbook_runs import Bench, Lab
from watched_runs import recorded, wait_for

pytestmark = pytest.mark.lab

ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=0s", "-e", "duration=3s")
TRIALS = [f"async-uvicorn-w1-db25-r{repeat}" for repeat in (1, 2, 3)]


def test_a_host_unreachable_in_one_trial(lab: Lab, bench: Bench) -> None:
    """In trial 2 of 3 the DB host is gone: 2 has failed, k6 never ran in it; 3 is measured; exit 2.

    It is away again when trial 3 is stopped, and is stopped when it is back.
    """
    # The lease bears more than the cut takes on a busy machine: the host does not stop by itself meanwhile.
    with started(bench, *ONE_CELL, "-e", "repeats=3", silence_s=120) as process:
        wait_for(process, recorded(bench, TRIALS[0]), "the record of trial 1")
        with no_answer(lab.hosts["tripod-db"]):
            wait_for(process, recorded(bench, TRIALS[1]), "the record of trial 2")
        # The third is measured; the DB host is away when it is stopped, and back a little later.
        log = on_load_host(lab, bench, TRIALS[2]) / "measure.log"
        wait_for(process, log.exists, "the measurement of trial 3")
        with no_ssh(lab.hosts["tripod-db"]):
            wait_for(process, recorded(bench, TRIALS[2]), "the record of trial 3")
            time.sleep(5)
            assert any("fakedb" in line for line in services().values())
        assert process.wait(240) == 2
    records = [bench.read(f"trials/{trial}/record.json") for trial in TRIALS]
    assert [record["status"] for record in records] == ["ok", "failed", "failed"]
    assert records[2]["reasons"] == ["unreachable"]
    assert records[1]["reasons"] == ["unreachable"]
    assert records[1]["message"].startswith("tripod-db: the host could not be reached: ")
    assert "privilege" not in records[1]["message"]
    assert "Check that the machine is on" in records[1]["message"]
    assert records[1]["message"].endswith(".")
    assert records[1]["k6"] == []
    # k6 was not started: its log would be there.
    assert (on_load_host(lab, bench, TRIALS[2]) / "measure.log").is_file()
    assert not (on_load_host(lab, bench, TRIALS[1]) / "measure.log").exists()
    assert not (bench.directory / "trials" / TRIALS[1] / "k6.json.gz").exists()
    # The later stages ran: end, fetch (k6's log is on the controller), table.
    end = bench.read("end.json")
    assert (end["outcome"], end["message"]) == ("completed", None)
    assert (bench.directory / "trials" / TRIALS[2] / "measure.log").is_file()
    row = json.loads((bench.directory / "summary.json").read_text())["rows"][0]
    assert (row["trials"], row["trials_failed"], row["status"]) == (3, 2, "ok")
    assert services() == {}
