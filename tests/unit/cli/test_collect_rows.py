"""Rows that a person names, and a table that other programs read."""

from __future__ import annotations

import csv
import io
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from run_files import ROOT, RunFiles, cell

from tripod.cli.main import run

CELLS = ("sync-gunicorn-w1-db25", "async-uvicorn-w1-db25", "async-uvicorn-w2-db25")


@pytest.fixture
def results(run_files: RunFiles) -> Path:
    """Return a results directory with one run of three cells, the fastest first in the table."""
    run_files.plan([cell("sync-gunicorn"), cell("async-uvicorn"), cell("async-uvicorn", 2)])
    for name, rps in zip(CELLS, (40, 60, 80), strict=True):
        run_files.trial(f"{name}-r1", rps=rps)
    return run_files.path.parent


Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what runs collect.py's command line in this process: exit code, output, errors."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def asked(*arguments: object) -> tuple[int, str, str]:
        code = run(ROOT, [*map(str, arguments), "--results", str(results)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return asked


def collect(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run collect.py where no terminal is."""
    environment = {key: value for key, value in os.environ.items() if key not in {"COLUMNS", "NO_COLOR"}}
    return subprocess.run(
        [sys.executable, str(ROOT / "collect.py"), *map(str, arguments)],
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_row_is_one_line_where_no_terminal_is(results: Path) -> None:
    """Each cell is in one line with its command and its figures; with COLUMNS it is as in a terminal."""
    lines = collect("table", "--results", results).stdout.splitlines()
    for name, rate in zip(CELLS, ("40.0", "60.0", "80.0"), strict=True):
        [line] = [line for line in lines if f" {name} " in line]
        assert "_app:app" in line
        assert rate in line.split()
    narrow = collect("table", "--results", results, COLUMNS="80").stdout
    assert max(map(len, narrow.splitlines())) <= 80
    assert collect("table", "--wide", "--results", results, COLUMNS="80").stdout.count("_app:app") == 3


def test_at_least_is_spelled_out_where_its_sign_is_not_known(results: Path, run_files: RunFiles) -> None:
    """A terminal of ASCII gets `>=` before a rate that is true only so, and `?` for what has no word."""
    run_files.trial(f"{CELLS[2]}-r1", rps=239)
    printed = collect("table", "--results", results, PYTHONIOENCODING="ascii").stdout
    assert ">= 239.0" in printed
    assert printed.isascii()


def test_rows_are_named_by_number_name_or_glob(ask: Ask) -> None:
    """All commands find the same row; its number is the one beside it."""
    _, told, _ = ask("explain", 1)
    assert told.startswith(f"{CELLS[2]} did 80.0 requests/s")
    assert ask("explain", "async-*-w2-*")[1] == told
    assert ask("explain", CELLS[2])[1] == told
    assert ask("k6", 1)[1].startswith(f"{CELLS[2]}-r1: ")
    assert ask("k6", "async-*")[1].count("http_req_waiting...") == 2
    latencies = ask("latency", 3, "async-*")[1]
    assert [line.split(":")[0] for line in latencies.splitlines() if "_app:app" in line] == [
        CELLS[0],
        CELLS[2],
        CELLS[1],
    ]
    two = ask("table", 1, 3, "--columns", "number,cell", "--format", "csv")[1]
    assert two.splitlines() == ["number,cell", f"1,{CELLS[2]}", f"3,{CELLS[0]}"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["explain", "4"], "a row's number from 1 to 3"),
        (["latency", "nothing-*"], "no cell 'nothing-*'"),
        (["explain", "async-*"], "'async-*' fits 2 cells"),
        (["table", "0"], "no cell '0'"),
        (["latency"], "missing argument"),
        (["table", "--columns", "rpz"], "did you mean rps"),
        (["table", "--sort", "-rpz"], "allowed: number, rank"),
        (["table", "--filter", "rps"], "allowed: COLUMN=VALUE"),
        (["table", "--filter", "workers=3"], "no row has workers=3; there are: 2, 1; type: "),
        (["table", "1", "--filter", "workers=1"], "no row has workers=1; there are: 2; type: "),
        (["table", "--columns", "rps", "--format", "json"], "--columns goes with --format terminal"),
    ],
)
def test_what_is_not_there_is_refused(ask: Ask, arguments: list[str], told: str) -> None:
    """One line says what is allowed and what to type; nothing is printed of the run."""
    code, printed, complaint = ask(*arguments)
    assert (code, printed) == (1, "")
    assert told in complaint
    assert len(complaint.splitlines()) == 1
    assert "type: " in complaint


def test_csv_says_which_run_it_is_of(ask: Ask) -> None:
    """Each line has the run, its hosts and versions; no column is of another kind of database."""
    [first, *_] = csv.DictReader(io.StringIO(ask("table", "--format", "csv")[1]))
    assert first["run"] == "20261123T034500Z-poc"
    assert (first["load_host"], first["app_host"]) == ("tripod-load", "tripod-app")
    assert first["k6_version"] == "k6 v1.1.0"
    assert {"routes_api_rps", "routes_home_duration_ms_p95", "framework", "server", "python"} <= set(first)
    assert not [name for name in first if name.startswith(("db_q", "db_r", "pool_", "ledger_"))]
    assert first["db_sleep_ms"] == "25"


def test_colour_carries_verdicts_where_it_is_wanted(results: Path, run_files: RunFiles) -> None:
    """A failed row is red on a terminal; with NO_COLOR, as in a pipe, nothing has a colour."""
    run_files.failed_trial(f"{CELLS[0]}-r1", "app-gone")
    assert "\x1b[" not in collect("table", "--results", results).stdout
    coloured = collect("table", "--results", results, FORCE_COLOR="1", COLUMNS="120").stdout
    [line] = [line for line in coloured.splitlines() if f" {CELLS[0]} " in line]
    assert "31m" in line
    plain = collect("table", "--results", results, FORCE_COLOR="1", NO_COLOR="1", COLUMNS="120").stdout
    assert "31m" not in plain


@pytest.mark.parametrize("command", ["table", "latency 1 2 3", "table --format csv", "k6 1"])
def test_a_reader_may_leave(results: Path, command: str) -> None:
    """`| head` ends quietly, whatever is printed."""
    python, script, place = (
        shlex.quote(str(path)) for path in (sys.executable, ROOT / "collect.py", results)
    )
    line = f"{python} {script} {command} --results {place} | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_a_copied_results_directory_is_as_good(results: Path, tmp_path: Path) -> None:
    """Every command works on a copy, in which no link is."""
    copy = tmp_path / "copied"
    subprocess.run(["cp", "-r", str(results), str(copy)], check=True)
    for command in (["table"], ["runs"], ["latency", "1"], ["explain", "1"], ["k6", "1"]):
        done = collect(*command, "--results", copy)
        assert (done.returncode, done.stderr) == (0, "")
