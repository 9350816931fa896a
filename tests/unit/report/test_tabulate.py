"""The table stage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from run_files import RunFiles, cell

from tripod.report import forms, tabulate
from tripod.runs.documents import DamagedFileError, problem_of

WRITTEN = {"summary.json", "table.md", "table.csv", "report.html"}


@pytest.fixture
def run_dir(run_files: RunFiles) -> Path:
    """Return the directory of a run with one trial."""
    run_files.plan([cell("sync-gunicorn")])
    run_files.trial("sync-gunicorn-w1-db25-r1")
    return run_files.path


def contents(run_dir: Path) -> dict[str, bytes]:
    """Return every file of the run."""
    return {
        str(path.relative_to(run_dir)): path.read_bytes() for path in run_dir.rglob("*") if path.is_file()
    }


def test_four_files_are_added_and_nothing_else_touched(run_dir: Path) -> None:
    """The stage leaves summary.json, table.md, table.csv and report.html, and every other file as it was."""
    before = contents(run_dir)
    table = tabulate.write_tables(run_dir)
    after = contents(run_dir)
    assert set(after) - set(before) == WRITTEN
    assert {name: after[name] for name in before} == before
    written = json.loads(after["summary.json"])
    assert problem_of(written, "summary") is None
    assert written == table
    assert after["table.md"].decode() == forms.markdown(table)
    assert after["table.csv"].decode() == forms.comma_separated(table)


def test_a_second_time_gives_the_same(run_dir: Path) -> None:
    """Tabulating again replaces the four files by the same text."""
    tabulate.write_tables(run_dir)
    before = contents(run_dir)
    tabulate.write_tables(run_dir)
    assert contents(run_dir) == before


def test_everyone_can_read_the_tables(run_dir: Path) -> None:
    """The files are as readable as the others, although they are written through temporary ones."""
    tabulate.write_tables(run_dir)
    for name in WRITTEN:
        assert (run_dir / name).stat().st_mode & 0o777 == 0o644


def test_a_damaged_plan_writes_nothing(run_dir: Path) -> None:
    """Without a usable plan the stage fails and leaves no file behind."""
    (run_dir / "plan.json").write_text("{}")
    before = contents(run_dir)
    with pytest.raises(DamagedFileError, match="format version is null"):
        tabulate.write_tables(run_dir)
    assert contents(run_dir) == before
