"""Files of a run that somebody made to break whoever reads them."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from run_files import ROOT, RunFiles, cell

from tripod.cli.main import run

NAME = "sync-gunicorn-w1-db25"
TRIAL = f"trials/{NAME}-r1"
FILES = ("plan.json", "hosts.json", "end.json", f"{TRIAL}/record.json", f"{TRIAL}/k6.json")


def fifo(path: Path) -> None:
    """Make one that nobody ever writes into."""
    os.mkfifo(path)


def endless(path: Path) -> None:
    """Link to a device without end."""
    path.symlink_to("/dev/zero")


def link(path: Path) -> None:
    """Link to a sound file elsewhere."""
    elsewhere = path.parents[path.parts[::-1].index("results")] / "secret"
    path.with_suffix(".kept").rename(elsewhere)
    path.symlink_to(elsewhere)


def huge(path: Path) -> None:
    """Make a file without content that claims a terabyte."""
    with path.open("wb") as file:
        file.truncate(2**40)


def folder(path: Path) -> None:
    """Make a directory where a file should be."""
    path.mkdir()


def deep(path: Path) -> None:
    """Nest far beyond what a parser can hold on its stack."""
    path.write_text("[" * 60_000)


def digits(path: Path) -> None:
    """Write a number that Python refuses to read."""
    path.write_text(f'{{"format": {"1" * 6_000}}}')


def infinity(path: Path) -> None:
    """Write what JSON has no word for."""
    path.write_text('{"format": Infinity, "seed": NaN}')


WHYS: dict[Callable[[Path], None], str] = {
    fifo: "not a regular file",
    endless: "links are not followed",
    link: "links are not followed",
    huge: "larger than ",
    folder: "not a regular file",
    deep: "nested too deeply",
    digits: "out of range",
    infinity: "not JSON: invalid character",
}


@pytest.fixture
def results(run_files: RunFiles) -> Path:
    """Return a results directory with a run that may be spoilt, and another that is sound."""
    for files in (run_files, RunFiles(run_files.path.with_name("sound"), run_files.k6)):
        files.plan([cell("sync-gunicorn")], repeats=2)
        files.trial(f"{NAME}-r1")
        files.trial(f"{NAME}-r2")
    return run_files.path.parent


def collect(results: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run collect.py's commands in a process of their own, which must end soon and with little memory."""
    out, err = results / "stdout", results / "stderr"
    most = psutil.Process().memory_info().vms + 2**29  # with what this process has already
    child = os.fork()  # has imported everything: starting Python anew takes half a second each time
    if child == 0:
        if sys.platform == "linux":  # macOS limits nothing by it
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        signal.alarm(30)
        os.environ["COLUMNS"] = "4000"
        with out.open("w") as sys.stdout, err.open("w") as sys.stderr:
            code = 70  # what no command ends with
            try:
                code = run(ROOT, [*arguments, "--results", str(results)])
            except BaseException:  # noqa: BLE001 - it is printed, and found in what was printed
                traceback.print_exc()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


@pytest.mark.parametrize("spoil", WHYS, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_by_name(
    results: Path, run_files: RunFiles, name: str, spoil: Callable[[Path], None]
) -> None:
    """It is named with the reason, costs no more than its own run, and blocks no look-up of another."""
    path = run_files.path / name
    path.rename(path.with_suffix(".kept"))
    spoil(path)
    done = collect(results, "table", "--run", run_files.path.name)
    assert done.returncode == (1 if name == "plan.json" else 2)
    assert f"{path}: " in done.stdout + done.stderr
    assert WHYS[spoil] in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if name != "plan.json":
        return  # no other file is read to find a run
    listed = collect(results, "runs")
    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()[1:]].count("sound") == 1
    assert collect(results, "table", "--run", "sound").returncode == 0


@pytest.mark.parametrize("form", ["terminal", "csv"])
def test_a_command_of_megabytes_costs_seconds(results: Path, run_files: RunFiles, form: str) -> None:
    """It is taken apart into words, for which a shell's rules take the square of its length."""
    run_files.plan([cell("sync-gunicorn", command="gunicorn " + "x" * 8_000_000)], repeats=2)
    done = collect(results, "table", "--format", form, "--run", run_files.path.name)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("part", ["trials", TRIAL])
def test_no_link_below_the_run_is_followed(results: Path, run_files: RunFiles, part: str) -> None:
    """Not even one that leads to sound files: they are not those of the run."""
    place = run_files.path / part
    place.rename(results / "elsewhere")
    place.symlink_to(results / "elsewhere")
    done = collect(results, "table", "--run", run_files.path.name)
    assert done.returncode == 2
    assert f"{run_files.path / TRIAL / 'record.json'}: a link, or below one" in done.stdout


def test_a_run_is_no_link(results: Path, run_files: RunFiles) -> None:
    """Tables would be written wherever the link points to."""
    run_files.path.rename(results.parent / "elsewhere")
    run_files.path.symlink_to(results.parent / "elsewhere")
    done = collect(results, "--run", run_files.path.name)
    assert done.returncode == 1
    assert f"no run '{run_files.path.name}'" in done.stderr
    assert not (results.parent / "elsewhere" / "table.md").exists()


@pytest.mark.parametrize("target", ["latest", "/tmp/20261123T034500Z-poc", "../other/20261123T034500Z-poc"])  # noqa: S108
def test_a_link_latest_that_leads_elsewhere_is_no_choice(results: Path, target: str) -> None:
    """Only a run beside it can be the latest; a circle of links is no error."""
    (results / "latest").symlink_to(target)
    done = collect(results, "table")
    assert done.returncode == 0
    assert "Tripod run sound" in done.stdout


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "..", "a/b", "a\n", "a\x1b[31m", "", "a" * 5_000])
def test_names_of_trials_are_data(results: Path, run_files: RunFiles, name: str) -> None:
    """A name that leads out of the run, or that no file has, is refused or costs its trial only."""
    plan = json.loads((run_files.path / "plan.json").read_text())
    plan["trials"][0]["trial"] = name
    run_files.write("plan.json", plan)
    done = collect(results, "table", "--run", run_files.path.name)
    assert done.returncode == (2 if name.startswith("aaa") else 1)
    said = "".join(done.stdout.split())  # a long name is folded anywhere
    assert "trials[0].trial' is" in done.stderr or "Filenametoolong" in said
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "changes", "why"),
    [
        ("plan.json", {"cells": [cell("sync-gunicorn")] * 2}, f"more than once: {NAME}"),
        ("plan.json", {"created_at": "\uff12\uff10\uff12\uff16-11-23T03:45:00Z"}, "'created_at' is"),
        ("plan.json", {"seed": 10**300}, "'seed' is"),
        ("end.json", {"measure_started_at": "2026-99-99T99:99:99Z"}, "month must be in 1..12"),
        (f"{TRIAL}/record.json", {"repeat": 10**400}, "'repeat' is"),
        (f"{TRIAL}/record.json", {"reasons": ["errors\n"]}, "'reasons[0]' is"),
        (
            f"{TRIAL}/record.json",
            {
                "capacity": {
                    "saturated_rps": 150.0,
                    "saturated_ok_requests": 470,
                    "rate": 90,
                    "probes": [],
                    "seconds": 71.0,
                }
            },
            "'probes' is [], allowed: 1 entries or more where 'rate' is not null",
        ),
    ],
)
def test_values_beyond_reason_are_refused(
    results: Path, run_files: RunFiles, name: str, changes: dict[str, object], why: str
) -> None:
    """What is JSON and still no value of its key is named, instead of breaking what is made of it."""
    run_files.change(name, **changes)
    done = collect(results, "table", "--run", run_files.path.name)
    assert done.returncode == (1 if name == "plan.json" else 2)
    assert why in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        ("http_req_duration{expected_response:true}", {"p(0.2)": "x"}),
        ("http_req_duration{expected_response:true}", {"p(0.2)": None}),
        ("http_req_duration{expected_response:true}", {"p(700)": 1}),
        ("http_req_duration{expected_response:true}", {"max": 1e300}),
        ("tripod_ok_requests", {"count": 1e300}),
        ("vus", {"value": 1e300}),
    ],
)
def test_figures_beyond_reason_are_refused(
    results: Path, run_files: RunFiles, metric: str, values: dict[str, object]
) -> None:
    """No figure becomes infinite, and no quantile is a text."""
    k6 = json.loads((run_files.path / TRIAL / "k6.json").read_text())
    k6["metrics"][metric]["values"] |= values
    run_files.write(f"{TRIAL}/k6.json", k6)
    done = collect(results, "table", "--run", run_files.path.name)
    assert done.returncode == 2
    assert f"refused: {run_files.path / TRIAL / 'k6.json'}: " in done.stdout


def test_groups_of_checks_may_be_deep_or_wrong(results: Path, run_files: RunFiles) -> None:
    """k6's block goes through them without a stack of its own, and a group that is none is refused."""
    failed = {"name": "deepest", "passes": 1, "fails": 1}
    deep: dict[str, object] = {"checks": [failed], "groups": []}
    for _ in range(300):
        deep = {"checks": [], "groups": [deep]}
    for group, told in (
        (deep, "✗ deepest: 50%"),
        ({"checks": [{"name": 7}]}, "k6.json: 'root_group.checks[0]"),
    ):
        run_files.change(f"{TRIAL}/k6.json", root_group=group)
        done = collect(results, "k6", f"{NAME}-r1", "--run", run_files.path.name)
        assert told in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_as_many_trials_as_a_run_can_have_are_read(run_files: RunFiles) -> None:
    """A plan of 1,600 trials of 320 cells is far below what is read of a plan."""
    cells = [cell("sync-gunicorn", workers, ms) for workers in range(1, 33) for ms in range(10)]
    run_files.plan(cells, repeats=5)
    path = run_files.path / "plan.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    assert len(json.loads(path.read_text())["trials"]) == 1_600
    assert path.stat().st_size < 2**20
