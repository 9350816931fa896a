"""How a capacity shows in the table: the rate that was confirmed, and what no rule may say of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from run_files import OPEN, RunFiles, cell, searched

from tripod.report import compare, forms, header
from tripod.report.sides import side
from tripod.report.tabulate import tabulate
from tripod.runs.documents import problem_of
from tripod.runs.results import cells_of, read_run

LOAD = OPEN | {"name": "capacity", "shape": "capacity", "vus": 64, "rate": None}


def capacity_cell(stack: str) -> dict[str, Any]:
    """Return a cell whose capacity is looked for."""
    return cell(stack, load=LOAD, ceiling_rps=None, requests_per_iteration=3)


def test_rows_show_what_was_confirmed_and_stand_by_it(run_files: RunFiles) -> None:
    """The mean over trials is the row's capacity; no rule calls a rate capped that was looked for."""
    slow, fast = capacity_cell("sync-gunicorn"), capacity_cell("async-uvicorn")
    run_files.plan([slow, fast], repeats=2)
    for repeat, (low, high) in enumerate([(90, 200), (94, 210)], start=1):
        run_files.trial(f"{slow['cell']}-r{repeat}", rps=low, capacity=searched(low))
        run_files.trial(f"{fast['cell']}-r{repeat}", rps=high, capacity=searched(high))
    table = tabulate(run_files.path)
    assert problem_of(table, "summary") is None
    assert [(row["stack"], row["capacity_rps"]) for row in table["rows"]] == [
        ("async-uvicorn", 205.0),
        ("sync-gunicorn", 92.0),
    ]
    assert not [row for row in table["rows"] if {"capped", "littles-law"} & set(row["reasons"])]
    [(heading, _)] = header.groups(table["rows"])
    assert "highest rate that keeps 100 ms (saturated by 64 VUs before)" in heading
    assert "capacity" in forms.markdown(table)


def test_a_cell_is_judged_by_what_it_was_offered_at_last(run_files: RunFiles) -> None:
    """Rate and users are those of the confirmed probes, and not those that saturated."""
    known = capacity_cell("sync-gunicorn")
    run_files.plan([known])
    run_files.trial(f"{known['cell']}-r1", rps=90, capacity=searched(90))
    [found] = cells_of(read_run(run_files.path))
    assert (found.offered_rps, found.users) == (90.0, 41)


@pytest.mark.parametrize(("in_warmup", "in_all"), [(470, 90 * 60 + 470), (None, None)])
def test_a_search_without_a_warm_up_still_had_requests(
    run_files: RunFiles, in_warmup: int | None, in_all: int | None
) -> None:
    """What saturated and the probes asked the database, too; where k6 does not tell, nobody knows."""
    known = capacity_cell("sync-gunicorn")
    run_files.plan([known])
    trial = f"{known['cell']}-r1"
    seconds = {"start": 0.5, "ready": 0.4, "warmup": None, "measure": 60.0, "stop": 0.2}
    run_files.trial(trial, rps=90, capacity=searched(90), seconds=seconds)
    path = run_files.path / f"trials/{trial}/record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["k6"][0]["warmup_requests"] = in_warmup
    path.write_text(json.dumps(record), encoding="utf-8")
    [found] = cells_of(read_run(run_files.path))
    assert found.trials[0].requests_in_all == in_all


def test_a_stack_without_a_capacity_has_failed_with_its_code(run_files: RunFiles) -> None:
    """The row says so, and has no capacity."""
    known = capacity_cell("sync-gunicorn")
    run_files.plan([known])
    run_files.failed_trial(f"{known['cell']}-r1", "no-capacity", message="none was tried")
    [row] = tabulate(run_files.path)["rows"]
    assert (row["status"], row["reasons"], row["capacity_rps"]) == ("failed", ["no-capacity"], None)


def test_the_time_of_a_search_is_load_and_not_the_harness_s(run_files: RunFiles) -> None:
    """Of 140 s, 71 went into the search and 65 into warm-up and measurement."""
    known = capacity_cell("sync-gunicorn")
    run_files.plan([known])
    run_files.trial(f"{known['cell']}-r1", rps=90, capacity=searched(90))
    assert tabulate(run_files.path)["harness_seconds_per_trial"] == 140 - 71 - 65


@pytest.mark.parametrize(("vus", "bound"), [(19_999, True), (19_990, False)])
def test_a_capacity_at_the_load_s_own_limit_is_at_least_that(
    run_files: RunFiles, vus: int, *, bound: bool
) -> None:
    """With 20,000 users no higher rate can be offered: the row has no place, and its capacity a sign."""
    known = capacity_cell("sync-gunicorn")
    run_files.plan([known])
    run_files.trial(f"{known['cell']}-r1", rps=90, capacity=searched(2_500, vus))
    table = tabulate(run_files.path)
    [row] = table["rows"]
    assert row["bound"] == (["capacity-capped"] if bound else [])
    assert ("≥ 2500" in forms.markdown(table)) is bound


def test_capacities_are_no_surer_than_their_search(run_files: RunFiles, tmp_path: Path) -> None:
    """Searches that end at the same rates three times know these to 5 %: 103/s is not above 100/s."""
    cells = [capacity_cell(stack) for stack in ("sync-gunicorn", "async-uvicorn", "async-worker")]
    again = RunFiles(tmp_path / "again", run_files.k6)
    for files, changed in ((run_files, 103), (again, 106)):
        files.plan(cells, repeats=3)
        for known, rate in zip(cells, (100, changed, 150), strict=True):
            for block in (1, 2, 3):
                files.trial(f"{known['cell']}-r{block}", rps=rate, capacity=searched(rate))
    assert [row["place"] for row in tabulate(run_files.path)["rows"]] == [1, 2, 2]
    sides = [side([read_run(files.path)], "A") for files in (run_files, again)]
    assert {one["answer"] for one in compare.make(*sides)["cells"]} == {"no-difference"}
