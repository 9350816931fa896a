"""Run directories of earlier format versions stay readable, and mean the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from run_files import RunFiles, cell, counted, quote_cell

from tripod.report.tabulate import tabulate
from tripod.runs.documents import DamagedFileError, problem_of, read_document
from tripod.runs.listing import describe
from tripod.runs.results import read_plan, read_record, read_run

COUNTED = quote_cell("fastapi-sqlalchemy-uvicorn")
CELLS = [cell("sync-gunicorn"), cell("async-uvicorn"), COUNTED]

WORST_FIRST = ("one-host", "shared-kernel", "separate-kernels")


@pytest.fixture
def twins(run_files: RunFiles) -> tuple[RunFiles, RunFiles]:
    """Return one run twice, in today's format and in format 1; one trial failed before k6 was started."""
    run_files.plan(CELLS)
    run_files.trial(f"{CELLS[0]['cell']}-r1")
    run_files.failed_trial(f"{CELLS[1]['cell']}-r1", "not-ready")
    run_files.trial(f"{COUNTED['cell']}-r1", rps=10, database=counted(1100))
    # in a results directory of its own, under the same name
    old = replace(run_files, path=run_files.path.parent.parent / "old" / run_files.path.name)
    shutil.copytree(run_files.path, old.path)
    old.to_format_1()
    return run_files, old


def test_format_1_makes_the_same_table(twins: tuple[RunFiles, RunFiles]) -> None:
    """A run of format 1 has the rows, versions and problems of its twin."""
    new, old = twins
    assert read_document(old.path / "plan.json", "plan")["format"] == 1
    assert tabulate(old.path) == tabulate(new.path)


def test_format_1_is_listed_alike(twins: tuple[RunFiles, RunFiles]) -> None:
    """The list of runs says the same of both."""
    new, old = twins
    root = old.path.parent.parent
    assert describe(old.path, root) == describe(new.path, root)


def test_behind_the_reader_there_is_one_format(twins: tuple[RunFiles, RunFiles]) -> None:
    """What was read of format 1 is a whole document of today: legs and k6 are lists."""
    new, old = twins
    plan = read_plan(old.path)
    assert plan == read_plan(new.path)
    assert problem_of(plan, "plan") is None
    for trial in plan["trials"]:
        record = read_record(old.path, plan, trial["trial"])
        assert problem_of(record, "record") is None
        assert record == read_record(new.path, plan, trial["trial"])


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("plan.json", {"legs": {"load": "a", "app": ["b"], "db": "c"}}, "'legs.app' is"),
        ("plan.json", {"format": 2}, "'legs.load' is 'tripod-load', allowed: array"),
        ("record.json", {"k6": []}, "'k6' is [], allowed: object or null"),
        ("record.json", {"format": 2, "k6": None}, "'k6' is null, allowed: array"),
    ],
)
def test_a_document_is_checked_by_its_own_version(
    twins: tuple[RunFiles, RunFiles], name: str, change: dict[str, Any], told: str
) -> None:
    """What one version allows is refused in the other, with what that one allows."""
    _, old = twins
    place = name if name == "plan.json" else f"trials/{CELLS[0]['cell']}-r1/{name}"
    old.change(place, **change)
    with pytest.raises(DamagedFileError) as caught:
        read_document(Path(old.path / place), name.removesuffix(".json"))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("first", "second", "db_host", "separation", "legs"),
    [
        ("separate-kernels", "separate-kernels", "tripod-db", None, 2),  # nobody looked at load and database
        ("separate-kernels", "separate-kernels", "tripod-load", "one-host", 3),
        ("one-host", "separate-kernels", "tripod-db", "one-host", 3),
        ("shared-kernel", "separate-kernels", "tripod-db", "shared-kernel", 3),
        ("shared-kernel", "shared-kernel", "tripod-db", "shared-kernel", 3),
    ],
)
def test_what_an_old_run_did_not_compare_is_not_claimed(  # noqa: PLR0913, PLR0917 - a table of cases
    run_files: RunFiles, first: str, second: str, db_host: str, separation: str | None, legs: int
) -> None:
    """In hosts.json of format 1 load and database follow from the two pairs, or are unknown."""
    run_files.plan([CELLS[0]])
    run_files.change("plan.json", legs={"load": ["tripod-load"], "app": ["tripod-app"], "db": [db_host]})
    run_files.to_format_1()
    hosts = json.loads((run_files.path / "hosts.json").read_text(encoding="utf-8"))
    app, db = hosts["pairs"]
    pairs = [app | {"separation": first}, db | {"separation": second, "to_host": db_host}]
    run_files.change("hosts.json", pairs=pairs, separation=min(first, second, key=WORST_FIRST.index))
    read = read_run(run_files.path)
    assert read.hosts is not None, read.problems
    assert problem_of(read.hosts, "hosts") is None
    assert (read.hosts["separation"], len(read.hosts["separations"])) == (separation, legs)
    table = tabulate(run_files.path)
    assert problem_of(table, "summary") is None
    assert [pair["separation"] for pair in table["pairs"]] == [first, second]


@pytest.mark.parametrize("leg", ["app", "db"])
def test_app_and_database_have_one_host(run_files: RunFiles, leg: str) -> None:
    """Several load hosts may be planned; a second app or DB host is refused."""
    run_files.plan([cell("sync-gunicorn")])
    legs = {"load": ["l", "m"], "app": ["a"], "db": ["d"]}
    run_files.change("plan.json", legs=legs)
    assert read_plan(run_files.path)["legs"] == legs
    run_files.change("plan.json", legs=legs | {leg: ["a", "b"]})
    with pytest.raises(DamagedFileError, match=rf"'legs\.{leg}' is .*, allowed: 1 entries or fewer"):
        read_plan(run_files.path)
