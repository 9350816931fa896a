"""A run whose load several hosts shared, read and shown."""

from __future__ import annotations

import copy
import json
import shutil

import pytest
from run_files import ROOT, RunFiles, cell, hosts, record, telemetry

from tripod.cli import main
from tripod.report import header, table
from tripod.report.page import curves
from tripod.runs.documents import problem_of
from tripod.runs.results import cells_of, read_run

CELL = cell("sync-gunicorn")
NAME = f"{CELL['cell']}-r1"
LOADS = ["tripod-load", "tripod-load2"]
START = {"late_s": 0.001, "clock_offset_s": 0.0, "clock_error_s": 0.0001}
SKEW = {"skew_s": 0.002, "error_s": 0.0002, "hosts": dict.fromkeys(LOADS, START)}


@pytest.fixture
def shared(run_files: RunFiles) -> RunFiles:
    """Return a run of one trial of 60 s: the first host saw 40 requests a second, the second 60."""
    run_files.plan([CELL])
    plan = json.loads((run_files.path / "plan.json").read_text())
    run_files.change(
        "plan.json",
        hosts=plan["hosts"] | {LOADS[1]: {"legs": ["load"]}},
        legs=plan["legs"] | {"load": LOADS},
    )
    seen = hosts()
    pair, app_to_db = seen["pairs"]
    second = pair | {"from_host": LOADS[1], "round_trip_ms": {"min": 0.2, "med": 0.31}}
    run_files.change("hosts.json", pairs=[pair, second, app_to_db])
    watched = telemetry()
    watched[LOADS[1]] = copy.deepcopy(watched[LOADS[0]])
    k6 = record(NAME)["k6"][0]
    both = [k6, k6 | {"host": LOADS[1], "warmup_requests": 600}]
    folder = run_files.path / "trials" / NAME
    for host, rps in zip(LOADS, (40, 60), strict=True):
        run_files.trial(NAME, rps=rps, start_skew=SKEW, telemetry=watched, k6=both)
        shutil.move(folder / "k6.json", folder / f"k6.{host}.json")
    return run_files


def test_its_figures_are_those_of_all_hosts(shared: RunFiles) -> None:
    """Rate, requests and connections are summed, and each host's own are kept beside."""
    run = read_run(shared.path)
    assert run.problems == ()
    made = table.make(run)
    assert problem_of(made, "summary") is None
    (row,) = made["rows"]
    assert (row["rps"], row["requests"]) == (pytest.approx(100), 6000)
    assert row["cost"]["connections_opened"] == 24
    (trial,) = run.trials
    assert [(load.host, load.figures.requests) for load in trial.loads] == list(
        zip(LOADS, (2400, 3600), strict=True)
    )
    assert trial.requests_in_all == 6000 + 500 + 600
    assert [load.activity.cpus for load in trial.loads if load.activity] == [2, 2]


def test_without_the_summary_of_one_there_are_no_figures(shared: RunFiles) -> None:
    """Half a load is none: the file that is missing is named."""
    (shared.path / "trials" / NAME / f"k6.{LOADS[1]}.json").unlink()
    run = read_run(shared.path)
    assert run.trials[0].failure == ("damaged",)
    assert run.problems[0].endswith(f"{NAME}/k6.{LOADS[1]}.json: missing")


def test_a_summary_of_nobody_is_none(shared: RunFiles) -> None:
    """A file without a host's name is that of a run with one load host."""
    folder = shared.path / "trials" / NAME
    shutil.move(folder / f"k6.{LOADS[0]}.json", folder / "k6.json")
    assert read_run(shared.path).trials[0].failure == ("damaged",)


def test_the_page_has_each_host(shared: RunFiles) -> None:
    """Both load hosts stand in the row's table of hosts, and among those that are drawn."""
    run = read_run(shared.path)
    (known,) = cells_of(run)
    assert [leg for leg, _ in known.good[0].watched_hosts] == ["load", "load", "app", "db"]
    drawn = curves.activity(run, known)
    assert drawn is not None
    assert [host["host"] for host in drawn["hosts"]] == ["tripod-load", "tripod-app", "tripod-db", LOADS[1]]


def test_both_are_shown(shared: RunFiles, capsys: pytest.CaptureFixture[str]) -> None:
    """The header has each round trip by the host that calls; k6's blocks stand by their host."""
    made = table.make(read_run(shared.path))
    facts = dict(header.facts(made))
    assert facts["round trips"] == (
        "load (tripod-load) to app 0.070 ms, load (tripod-load2) to app 0.310 ms, app to db 0.051 ms"
    )
    assert main.run(ROOT, ["k6", NAME, "--results", str(shared.path.parent)]) == 0
    shown = capsys.readouterr().out
    for host in LOADS:
        assert f"{NAME}, {host}: gunicorn -w 1 sync_app:app\n" in shown
    assert shown.count("http_req_waiting...") == 2


@pytest.mark.parametrize("sampled", [True, False])
def test_a_load_host_s_clock_that_went_astray_is_a_caveat(shared: RunFiles, sampled: bool) -> None:  # noqa: FBT001 - a case
    """Its start was agreed on by where that clock was before, also where nothing was sampled."""
    if not sampled:
        shared.change(f"trials/{NAME}/record.json", telemetry=None)
    shared.change("end.json", clocks={LOADS[1]: {"offset_s": 0.05, "error_s": 0.0001}})
    (told,) = [line for line in table.make(read_run(shared.path))["caveats"] if "its clock went" in line]
    assert told.startswith(
        "tripod-load2: its clock went +50.0 ms against the load host's during the trials; "
    )
    assert told.endswith("and so is the time at which it began to measure")
