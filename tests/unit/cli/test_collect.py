"""collect.py, started as a person starts it."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from run_files import ROOT, RunFiles, cell

from tripod.cli.main import run
from tripod.runs import going
from tripod.runs.listing import describe
from tripod.runs.made import FOLDER, take_note

NAME = "sync-gunicorn-w1-db25"


@pytest.fixture
def results(run_files: RunFiles) -> Path:
    """Return a results directory with one run of two trials that went well."""
    run_files.plan([cell("sync-gunicorn")], repeats=2)
    for repeat in (1, 2):
        run_files.trial(f"{NAME}-r{repeat}")
    return run_files.path.parent


def collect(
    *arguments: object, python: str | None = None, width: int = 120
) -> subprocess.CompletedProcess[str]:
    """Run collect.py at the repository's root."""
    command = [*([python] if python else []), str(ROOT / "collect.py"), *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": str(width)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT
    )


def test_table_is_printed_and_ends_with_zero(results: Path) -> None:
    """A sound run is tabulated; options stand before or after the command's name; nothing is written."""
    before = sorted(results.rglob("*"))
    done = collect("table", "--results", results)
    assert (done.returncode, done.stderr) == (0, "")
    assert "gunicorn -w 1 sync_app:app" in done.stdout
    assert collect("--results", results, "table").stdout == done.stdout
    assert collect("table", "--results", results, "--run", "20261123T034500Z-poc").stdout == done.stdout
    assert sorted(results.rglob("*")) == before


def test_forms_are_those_of_the_library(results: Path) -> None:
    """Each form prints what the stage writes into the run."""
    done = collect("table", "--results", results, "--write", "--format", "json")
    run_dir = results / "20261123T034500Z-poc"
    assert done.stdout == (run_dir / "summary.json").read_text(encoding="utf-8")
    assert json.loads(done.stdout)["rows"][0]["cell"] == NAME
    for form, name in (("markdown", "table.md"), ("csv", "table.csv")):
        assert collect("table", "--results", results, "--format", form).stdout == (run_dir / name).read_text()


@pytest.mark.parametrize("columns", ["0", "-5", "wide", ""])
def test_a_width_that_is_none_is_not_taken(
    results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """In no columns nothing would be printed."""
    monkeypatch.delenv("COLUMNS", raising=False)
    printed = []
    for asked in (None, columns):
        if asked is not None:
            monkeypatch.setenv("COLUMNS", asked)
        assert [run(ROOT, [command, "--results", str(results)]) for command in ("table", "runs")] == [0, 0]
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != ""


def test_failed_trial_ends_with_two(results: Path, run_files: RunFiles) -> None:
    """A failed trial is shown, and the exit code is 2."""
    run_files.failed_trial(f"{NAME}-r2", "app-gone", message="refused since 12 s")
    done = collect("table", "--results", results)
    assert done.returncode == 2
    assert f"failed: {NAME}-r2: app-gone (refused since 12 s)" in done.stdout


def test_damaged_file_is_named_and_the_rest_shown(results: Path, run_files: RunFiles) -> None:
    """A damaged record is refused by its path; the other trial is in the table; the exit code is 2."""
    run_files.change(f"trials/{NAME}-r2/record.json", status="great")
    done = collect("table", "--results", results, width=400)
    assert done.returncode == 2
    path = run_files.path / "trials" / f"{NAME}-r2" / "record.json"
    assert f"refused: {path}: 'status' is 'great', allowed: failed, ok" in done.stdout
    assert "100.0" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["table", "--run", "20261123T034500Z-pok"], "did you mean 20261123T034500Z-poc?"),
        (["table", "--format", "xml"], "'terminal', 'markdown', 'csv', 'json'"),
        (["tabel"], "(did you mean table?)"),
        (["k6", "sync-gunicorn-w1-db52"], f"did you mean {NAME}? valid: {NAME}"),
        (["explain", "sync-gunicorn-w1-db52"], f"did you mean {NAME}? valid: {NAME}"),
        (["explain", NAME, "sync-gunicorn-w1-db52"], f"did you mean {NAME}? valid: {NAME}"),
        (["table", "--results", "/nowhere"], "does not exist"),
    ],
)
def test_wrong_usage_names_what_is_valid_and_ends_with_one(
    results: Path, arguments: list[str], told: str
) -> None:
    """A wrong name is an error that says what was found and what would be right."""
    placed = arguments if "--results" in arguments else [*arguments, "--results", str(results)]
    done = collect(*placed)
    assert done.returncode == 1
    assert told in done.stderr
    assert arguments[-1] in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_caller_may_have_closed_what_is_printed_to(results: Path, closed: str) -> None:
    """The exit code is the run's, as ever; nobody reads the rest."""
    command = f'exec "$0" "$@" {closed}'
    asked = [sys.executable, str(ROOT / "collect.py"), "table", "--results", str(results)]
    done = subprocess.run(["sh", "-c", command, *asked], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_no_run_says_what_to_type(tmp_path: Path) -> None:
    """Without any run every command ends with 1 and names the command that makes one."""
    for command in ("table", "pull", "runs", "k6", "explain"):
        done = collect(command, *(["x"] if command in {"k6", "explain"} else []), "--results", tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "no run in" in done.stderr
        assert "type: make bench" in done.stderr


def test_k6_prints_a_block_for_each_trial(results: Path) -> None:
    """A cell gives the block of each of its trials, below the trial's name and command; a trial its own."""
    done = collect("k6", NAME, "--results", results)
    assert done.returncode == 0
    for repeat in (1, 2):
        assert f"{NAME}-r{repeat}: gunicorn -w 1 sync_app:app\n" in done.stdout
    assert done.stdout.count("http_req_waiting...") == 2
    assert collect("k6", f"{NAME}-r2", "--results", results).stdout.count("http_req_waiting...") == 1


def test_k6_without_summary_says_so(results: Path, run_files: RunFiles) -> None:
    """A trial that has no summary is named; the blocks of the others are printed."""
    (run_files.path / "trials" / f"{NAME}-r1" / "k6.json").unlink()
    done = collect("k6", NAME, "--results", results)
    assert done.returncode == 1
    assert f"{NAME}-r1/k6.json: missing" in done.stderr
    assert done.stdout.count("http_req_waiting...") == 1


def test_a_row_is_explained_in_sentences(results: Path) -> None:
    """Each sentence is a line; the code is 0, since what is told is what was asked for."""
    done = collect("explain", NAME, "--results", results)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"{NAME} did 100.0 requests/s over 2 trials."
    assert lines[-1].startswith("What would make it faster: ")


def test_runs_are_listed(results: Path, run_files: RunFiles) -> None:
    """Each run has a line with its trials, those measured, and its outcome; a damaged one says so."""
    run_files.failed_trial(f"{NAME}-r2", "app-gone")
    (results / "broken").mkdir()
    (results / "broken" / "plan.json").write_text("{")
    done = collect("runs", "--results", results, width=200)
    assert done.returncode == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["20261123T034500Z-poc", "poc", "2026-11-23T03:45:00Z", "2", "1", "completed"] in lines
    assert any(
        line[0] == "broken" and "(damaged" in " ".join(line).replace("damaged (", "(damaged ")
        for line in lines
    )


def test_no_line_of_the_list_ends_in_blanks(results: Path) -> None:
    """The last column is as wide as it has to be in each line."""
    (results / "broken").mkdir()
    (results / "broken" / "plan.json").write_text("{")
    lines = collect("runs", "--results", results, width=200).stdout.splitlines()
    assert len(lines) > 2  # what is damaged is told at length
    assert not [line for line in lines if line != line.rstrip()]


def _hold(root: Path, run_id: str, told: Any, until: Any) -> None:
    held = going.Held(root, run_id)
    told.set()
    until.wait(30)
    del held


def test_a_run_that_goes_on_is_listed_as_such(results: Path, run_files: RunFiles) -> None:
    """As long as it is held, in its checkout and nowhere else; nothing is known of one that was lost."""
    (run_files.path / "end.json").unlink()
    root, elsewhere = results.parent, results.parent / "copy"
    shutil.copytree(results, elsewhere / "results")
    assert describe(run_files.path, root).outcome == "unknown"
    (root / FOLDER).mkdir(exist_ok=True)
    processes = multiprocessing.get_context("fork")
    told, until = processes.Event(), processes.Event()
    process = processes.Process(target=_hold, args=(root, run_files.path.name, told, until))
    process.start()
    assert told.wait(30)
    assert describe(run_files.path, root).outcome == "going on"
    assert describe(elsewhere / "results" / run_files.path.name, root).outcome == "unknown"
    process.kill()
    process.join(30)
    assert describe(run_files.path, root).outcome == "unknown"


def bare_python(tmp_path: Path) -> str:
    """Make a Python without any of the packages that collect.py needs."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True, timeout=60
    )
    return str(tmp_path / "bare" / "bin" / "python")


def test_another_python_changes_over_to_the_environment(results: Path, tmp_path: Path) -> None:
    """A Python without the packages starts the environment beside collect.py instead."""
    done = collect("table", "--results", results, python=bare_python(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "gunicorn -w 1 sync_app:app" in done.stdout


def test_without_environment_it_says_which_command_makes_one(tmp_path: Path) -> None:
    """In a fresh clone the error is the command to type."""
    shutil.copy(ROOT / "collect.py", tmp_path)
    command = [bare_python(tmp_path), str(tmp_path / "collect.py"), "table"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "type: make setup" in done.stderr
    assert str(tmp_path / ".venv") in done.stderr


PLAYBOOK = """
- name: Stand in for the hosts
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Bring the second trial
      ansible.builtin.copy:
        src: "{{ playbook_dir }}/../elsewhere/"
        dest: "{{ playbook_dir }}/../results/{{ run_id }}/trials/"
        mode: preserve
"""


INVENTORY = """
all:
  hosts:
    localhost:
      ansible_connection: local
      ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""


@pytest.fixture
def checkout(results: Path, run_files: RunFiles) -> Path:
    """Return a checkout whose second trial is still elsewhere, and whose fetch playbook brings it."""
    root = results.parent
    (root / "playbooks").mkdir()
    (root / "playbooks" / "fetch.yml").write_text(PLAYBOOK, encoding="utf-8")
    (root / "inventory").mkdir()
    (root / "inventory" / "here.yml").write_text(INVENTORY, encoding="utf-8")
    run_files.change("plan.json", inventory=["inventory/here.yml"])
    (root / "elsewhere").mkdir()
    (run_files.path / "trials" / f"{NAME}-r2").rename(root / "elsewhere" / f"{NAME}-r2")
    take_note(root, run_files.path)
    return root


def test_alone_it_pulls_then_tabulates(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a command the missing trial is fetched by the run's inventory, and the tables are written."""
    monkeypatch.setenv("COLUMNS", "120")
    assert run(checkout, ["table"]) == 2
    assert run(checkout, []) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert (checkout / "results" / "20261123T034500Z-poc" / "summary.json").exists()


def test_failing_pull_is_told_and_the_rest_tabulated(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the playbook fails, its output and the command to see more are shown, then what there is."""
    shutil.rmtree(checkout / "elsewhere")
    assert run(checkout, ["pull"]) == 1
    assert run(checkout, []) == 2
    captured = capsys.readouterr()
    assert "collect.py: not pulled: ansible-playbook ended with 2; " in captured.err
    assert "type: .venv/bin/ansible-playbook -i inventory/here.yml playbooks/fetch.yml" in captured.err
    assert f"failed: {NAME}-r2: not-run" in captured.out


def test_a_complete_run_is_not_pulled(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where every trial is there nothing is fetched, so that no host and no playbook can spoil the table."""
    target = checkout / "results" / "20261123T034500Z-poc" / "trials" / f"{NAME}-r2"
    (checkout / "elsewhere" / f"{NAME}-r2").rename(target)
    (checkout / "playbooks" / "fetch.yml").unlink()
    assert run(checkout, []) == 0
    assert capsys.readouterr().err == ""
    assert run(checkout, ["pull"]) == 1
    assert "fetch.yml" in capsys.readouterr().err
