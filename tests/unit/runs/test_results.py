"""Reading a run's directory, whole or damaged."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from run_files import RunFiles, cell, telemetry

from tripod.runs.documents import DamagedFileError
from tripod.runs.finding import RunNotFoundError, find_run, run_paths
from tripod.runs.results import cells_of, read_run

NAME = "sync-gunicorn-w1-db25-r1"
OTHER = "async-uvicorn-w1-db25-r1"


@pytest.fixture
def whole(run_files: RunFiles) -> RunFiles:
    """Return a run of two cells, measured to its end."""
    run_files.plan([cell("sync-gunicorn"), cell("async-uvicorn")])
    run_files.trial(NAME)
    run_files.trial(OTHER)
    return run_files


def test_a_whole_run_has_no_problems(whole: RunFiles) -> None:
    """Every trial has figures, and nothing is reported."""
    run = read_run(whole.path)
    assert [trial.name for trial in run.trials if trial.figures] == [NAME, OTHER]
    assert run.problems == ()


@pytest.mark.parametrize("name", ["record.json", "k6.json"])
@pytest.mark.parametrize("content", ["{", "[]", '{"format": 99}'])
def test_a_damaged_file_costs_its_trial_only(whole: RunFiles, name: str, content: str) -> None:
    """A damaged file of a trial is named; the trial failed as `damaged`, the other is read."""
    path = whole.path / "trials" / NAME / name
    path.write_text(content)
    run = read_run(whole.path)
    damaged, sound = run.trials
    assert damaged.figures is None
    assert damaged.failure == ("damaged",)
    assert sound.figures is not None
    assert len(run.problems) == 1
    assert run.problems[0].startswith(f"{path}: ")


def test_a_missing_k6_summary_is_damage(whole: RunFiles) -> None:
    """A record that says ok without a k6.json is not believed."""
    (whole.path / "trials" / NAME / "k6.json").unlink()
    trial = read_run(whole.path).trials[0]
    assert trial.failure == ("damaged",)
    assert trial.message is not None
    assert trial.message.endswith("k6.json: missing")


def compress(path: Path) -> Path:
    """Compress a file as measure does, and return it."""
    compressed = path.with_name(f"{path.name}.gz")
    compressed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return compressed


def test_a_compressed_k6_summary_is_read_as_the_plain_one(whole: RunFiles) -> None:
    """Runs from before have k6.json; figures are the same."""
    plain = read_run(whole.path)
    compress(whole.path / "trials" / NAME / "k6.json")
    compressed = read_run(whole.path)
    assert compressed.trials == plain.trials
    assert compressed.problems == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "not compressed by gzip"),
        (gzip.compress(b"{}")[:-9], "cut off"),
        (gzip.compress(b"{}"), "lacks 'metrics'"),
        (gzip.compress(b" " * (9 * 2**20)), "unpacked larger than 8 MB"),
    ],
    ids=["plain", "cut", "empty", "huge"],  # gzip writes the time into what it compresses
)
def test_a_damaged_compressed_file(whole: RunFiles, content: bytes, why: str) -> None:
    """It is named with what is wrong; one that would unpack without end is not unpacked."""
    path = compress(whole.path / "trials" / NAME / "k6.json")
    path.write_bytes(content)
    run = read_run(whole.path)
    assert run.trials[0].failure == ("damaged",)
    [problem] = run.problems
    assert problem.startswith(f"{path}: ")
    assert why in problem


def test_what_hosts_did_is_told_by_leg(whole: RunFiles) -> None:
    """Each leg has its host's activity; a host whose sampler died, and a record without, have none."""
    seen = telemetry()
    seen["tripod-db"] |= {"activity": None, "lost": "the sampler had died"}
    whole.trial(NAME, telemetry=seen)
    with_it, without = read_run(whole.path).trials
    assert set(with_it.activity) == {"load", "app"}
    app = with_it.activity["app"]
    assert (app.host, app.cpus, app.core_busy, app.pressure_cpu) == ("tripod-app", 2, (0.25, 0.5), None)
    assert app.services["app"].process_cpu_s == {411: 0.5, 412: 29.5}
    assert app.services["app"].pids_after == (411, 412)
    assert with_it.figures is not None
    assert without.activity == {}


@pytest.mark.parametrize("told", [{"activity": []}, {"activity": {"cpus": 2}}, {"series": 7}])
def test_telemetry_that_is_none_is_refused(whole: RunFiles, told: dict[str, object]) -> None:
    """Its key is named, as of any file."""
    whole.trial(NAME, telemetry=telemetry(**told))
    [problem] = read_run(whole.path).problems
    assert f"'telemetry.tripod-load.{next(iter(told))}" in problem


def test_a_trial_without_record_was_not_run(whole: RunFiles) -> None:
    """A planned trial that left nothing is there as failed, `not-run`."""
    for path in (whole.path / "trials" / OTHER).iterdir():
        path.unlink()
    trial = read_run(whole.path).trials[1]
    assert (trial.name, trial.figures, trial.failure) == (OTHER, None, ("not-run",))


def test_a_failed_trial_has_no_figures_even_with_a_summary(whole: RunFiles) -> None:
    """What k6 measured in a trial that failed does not enter the figures."""
    whole.failed_trial(NAME, "app-gone", message="gone")
    trial = read_run(whole.path).trials[0]
    assert (whole.path / "trials" / NAME / "k6.json").exists()
    assert (trial.figures, trial.failure, trial.message) == (None, ("app-gone",), "gone")


def test_a_record_of_another_trial_is_refused(whole: RunFiles) -> None:
    """A record in the wrong directory is not taken for the trial's."""
    whole.change(f"trials/{NAME}/record.json", trial=OTHER)
    run = read_run(whole.path)
    assert run.trials[0].failure == ("damaged",)
    assert f"'trial' is '{OTHER}', the plan has '{NAME}'" in run.problems[0]


def test_successes_that_nothing_counted_are_refused(whole: RunFiles) -> None:
    """A summary with successes but without Tripod's counters is refused: its rate would be 0."""
    for counter in ("tripod_ok_requests", "tripod_ok_requests_total"):
        whole.k6["metrics"] = {name: value for name, value in whole.k6["metrics"].items() if name != counter}
    whole.write(f"trials/{NAME}/k6.json", whole.k6)
    run = read_run(whole.path)
    assert run.trials[0].failure == ("damaged",)
    assert "no counter 'tripod_ok_requests'" in run.problems[0]


@pytest.mark.parametrize("name", ["hosts.json", "end.json"])
def test_hosts_and_end_can_be_missing(whole: RunFiles, name: str) -> None:
    """Without hosts.json or end.json the trials are still read, and the file is named."""
    (whole.path / name).unlink()
    run = read_run(whole.path)
    assert run.problems == (f"{whole.path / name}: missing",)
    assert all(trial.figures for trial in run.trials)


def continued(files: RunFiles, **changes: object) -> dict[str, object]:
    """Write plan.1.json of a continuation that began to measure the second trial again, and return it."""
    plan = json.loads((files.path / "plan.json").read_text(encoding="utf-8"))
    again = {"trial": f"{OTHER}-try2", "cell": OTHER[:-3], "repeat": 1, "instead_of": OTHER}
    plan |= {"continuation": 1, "trials": [again]} | changes
    files.write("plan.1.json", plan)
    (files.path / "trials" / again["trial"]).mkdir()
    return plan


def test_a_continuation_that_saw_no_host_leaves_the_hosts(whole: RunFiles) -> None:
    """One whose hosts.N.json was lost takes nothing from what was known before."""
    continued(whole)
    run = read_run(whole.path)
    assert run.problems == tuple(f"{whole.path / name}: missing" for name in ("hosts.1.json", "end.1.json"))
    assert run.hosts == run.stints[0].hosts is not None
    assert run.end is None  # it did not end as the first one did
    assert all(cell.separations for cell in cells_of(run))


def test_the_code_of_a_run_is_that_of_its_last_plan(whole: RunFiles) -> None:
    """What is kept was measured with the same, and what is not has been measured again."""
    git, tools = {"commit": "f" * 40, "dirty": False}, {"ansible_core": "2.20.0", "python": "3.14.0"}
    first = continued(whole, git=git, tools=tools, created_at="2026-12-01T00:00:00Z")
    plan = read_run(whole.path).plan
    assert (plan["git"], plan["tools"]) == (git, tools)
    assert plan["created_at"] == "2026-11-23T03:45:00Z" != first["created_at"]


def test_without_plan_nothing_can_be_read(whole: RunFiles) -> None:
    """A damaged plan.json is an error, with its path."""
    whole.change("plan.json", format=3)
    with pytest.raises(DamagedFileError, match=r"plan\.json: format version is 3, known: 1, 2"):
        read_run(whole.path)


def test_a_plan_with_unknown_cells_is_refused(whole: RunFiles) -> None:
    """A trial of a cell that the plan lacks would vanish from the table, so the plan is refused."""
    whole.change("plan.json", cells=[cell("sync-gunicorn")])
    with pytest.raises(DamagedFileError, match="trials of unknown cells: async-uvicorn-w1-db25"):
        read_run(whole.path)


def test_what_is_not_planned_is_named(whole: RunFiles) -> None:
    """A directory that the plan does not know is reported and left out."""
    (whole.path / "trials" / "stray-r1").mkdir()
    assert read_run(whole.path).problems == (f"{whole.path}/trials: not in the plan, left out: stray-r1",)


def make_runs(results: Path, k6: dict[str, object]) -> None:
    """Make three runs whose names sort otherwise than their dates."""
    for day, name in enumerate(("b", "c", "a"), start=1):
        files = RunFiles(results / name, k6)
        files.plan([cell("sync-gunicorn")], created_at=f"2026-11-0{day}T00:00:00Z")


def test_latest_follows_the_link(run_files: RunFiles) -> None:
    """`results/latest` says which run is the latest; without it, or if it dangles, the newest plan is."""
    results = run_files.path.parent
    make_runs(results, run_files.k6)
    assert [path.name for path in run_paths(results)] == ["b", "c", "a"]
    assert find_run(results).name == "a"
    (results / "latest").symlink_to("c")
    assert find_run(results) == results / "c"
    assert find_run(results, "latest") == results / "c"
    os.unlink(results / "latest")  # noqa: PTH108 - the link, whatever it points to
    (results / "latest").symlink_to("lost")
    assert find_run(results).name == "a"


def test_runs_before_the_latest_are_counted_back(run_files: RunFiles) -> None:
    """`latest~1` was planned before the latest, whichever that is; beyond the first there is none."""
    results = run_files.path.parent
    make_runs(results, run_files.k6)
    names = [find_run(results, f"latest~{back}").name for back in range(3)]
    assert names == ["a", "c", "b"]
    (results / "latest").symlink_to("c")
    assert [find_run(results, name).name for name in ("latest", "latest~0", "latest~1")] == ["c", "c", "b"]
    with pytest.raises(RunNotFoundError, match=r"no run 'latest~2' in .*: there are 1 before the latest"):
        find_run(results, "latest~2")
    for wrong in ("latest~", "latest~-1", "latest~x"):
        with pytest.raises(RunNotFoundError, match=f"no run '{wrong}'"):
            find_run(results, wrong)


def test_a_run_is_named_by_its_path(run_files: RunFiles, tmp_path: Path) -> None:
    """A name with a slash is a path, also where there are no results; what has no plan.json is no run."""
    make_runs(run_files.path.parent, run_files.k6)
    path = run_files.path.parent / "b"
    assert find_run(tmp_path / "nowhere", str(path)) == path
    (run_files.path.parent / "latest").symlink_to("b")
    assert find_run(tmp_path, str(run_files.path.parent / "latest")).name == "b"
    with pytest.raises(
        RunNotFoundError, match=r"no run at .*: it has no plan\.json; type: \./collect\.py runs"
    ):
        find_run(tmp_path, f"{tmp_path}/d")


def test_an_unknown_run_names_the_valid_ones(run_files: RunFiles) -> None:
    """A run that does not exist is an error that lists those that do, with the nearest."""
    make_runs(run_files.path.parent, run_files.k6)
    with pytest.raises(RunNotFoundError, match=r"no run 'd' in .*valid: b, c, a; type: \./collect\.py runs"):
        find_run(run_files.path.parent, "d")


def test_no_run_says_what_to_type(tmp_path: Path) -> None:
    """Without any run the message is the command that makes one."""
    with pytest.raises(RunNotFoundError, match="type: make bench"):
        find_run(tmp_path)
