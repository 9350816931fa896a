"""What stands around a run: its plan before, and where to look afterwards."""

from __future__ import annotations

import pytest
from run_files import RunFiles, cell

from tripod.report import next_steps, plan_text
from tripod.report.tabulate import write_tables
from tripod.runs.results import read_plan


@pytest.fixture
def tabulated(run_files: RunFiles) -> RunFiles:
    """Return a run of one cell that was tabulated."""
    run_files.plan([cell("sync-gunicorn")])
    run_files.trial("sync-gunicorn-w1-db25-r1")
    write_tables(run_files.path)
    return run_files


def test_one_line_each(tabulated: RunFiles) -> None:
    """Results, report if there is one, next command; paths as a person in the checkout types them."""
    root = tabulated.path.parents[1]
    (tabulated.path / "report.html").write_text("<html></html>")
    lines = next_steps.lines(tabulated.path, root)
    assert [line.split()[:2] for line in lines] == [
        ["Results:", f"results/{tabulated.path.name}/"],
        ["Report:", f"results/{tabulated.path.name}/report.html"],
        ["Next:", "./collect.py"],
    ]
    (tabulated.path / "report.html").unlink()
    assert len(next_steps.lines(tabulated.path, root)) == 2


def test_a_run_that_was_cut_off_is_continued(tabulated: RunFiles) -> None:
    """Before its rows are looked at, what is left of it is measured."""
    (tabulated.path / "end.json").unlink()
    write_tables(tabulated.path)
    *_, last = next_steps.lines(tabulated.path, tabulated.path.parents[1])
    assert f"-e run_id={tabulated.path.name} -e resume=true" in last


def test_a_run_that_is_not_the_latest_is_named(tabulated: RunFiles) -> None:
    """The command is about that run, though another was made since."""
    other = RunFiles(tabulated.path.parent / "20261124T000000Z-poc", tabulated.k6)
    other.plan([cell("sync-gunicorn")], created_at="2026-11-24T00:00:00Z")
    *_, last = next_steps.lines(tabulated.path, tabulated.path.parents[1])
    assert f"./collect.py explain 1 --run {tabulated.path.name}" in last


def test_a_plan_says_what_is_done_and_how_long_it_takes(run_files: RunFiles) -> None:
    """Matrix, loads, cells, hosts, what each stage does, and the time that trials take."""
    host = {"legs": ["load", "app", "db"], "tripod_root": "/opt/tripod", "service_manager": "systemd"}
    cells = [cell("sync-gunicorn"), cell("async-uvicorn")]
    run_files.plan(cells, repeats=2, expected_seconds=400.0, hosts={"one": host})
    lines = plan_text.lines(read_plan(run_files.path), 200)
    facts = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    assert facts["cells"] == "sync-gunicorn-w1-db25, async-uvicorn-w1-db25"
    assert facts["load"].startswith("poc: 10 VUs, 60 s after 5 s of warm-up")
    assert "4 trials in 2 blocks, each in random order (seed 7), about 5 min 40 s" in facts["measure"]
    assert facts["hosts"].startswith("load: ")
    assert {"provision", "deploy", "tabulate"} <= set(facts)
    narrow = plan_text.lines(read_plan(run_files.path), 60)
    assert max(map(len, narrow)) <= 60
    assert " ".join(" ".join(narrow).split()) == " ".join(" ".join(lines).split())
