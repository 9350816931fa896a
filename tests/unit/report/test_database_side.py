"""The database's side of a row: per request, over trials, and what is shown where it is not known."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from rich.console import Console
from run_files import RunFiles, cell, counted, k6, quote_cell

from tripod.report import forms
from tripod.report.columns import COLUMNS, split_constant
from tripod.report.tabulate import tabulate
from tripod.report.terminal import print_table
from tripod.runs.documents import problem_of

POOLED, UNPOOLED = quote_cell("fastapi-sqlalchemy-uvicorn"), quote_cell("django-async-uvicorn")
THREADED = quote_cell("django-pooled-granian", 3, 5)
# A trial of `run_files` has 500 requests in its warm-up, and at 10/s over the 60 s that its rate is made for.
REQUESTS = 500 + 600


def table_of(run_files: RunFiles) -> dict[str, Any]:
    """Return the table, having checked it against its schema."""
    table = tabulate(run_files.path)
    assert problem_of(json.loads(json.dumps(table)), "summary") is None
    return table


def side_of(run_files: RunFiles, *databases: dict[str, Any] | None, **changes: Any) -> dict[str, Any] | None:
    """Return the database's side of a cell whose trials, at 10 requests/s, counted this."""
    run_files.plan([POOLED], repeats=len(databases))
    for repeat, database in enumerate(databases, start=1):
        run_files.trial(f"{POOLED['cell']}-r{repeat}", rps=10, database=database, **changes)
    side: dict[str, Any] | None = table_of(run_files)["rows"][0]["db"]
    return side


def shown(table: dict[str, Any], width: int = 120) -> list[str]:
    """Return the lines of the terminal's table."""
    console = Console(file=io.StringIO(), width=width)
    print_table(table, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_counts_are_per_request_of_warm_up_and_measurement(run_files: RunFiles) -> None:
    """The server counts over the whole trial: its counts are over the requests of both k6 processes."""
    side = side_of(run_files, counted(REQUESTS, mean_ms=20))
    assert side == pytest.approx(
        {
            "requests": REQUESTS,
            "counts_statements": True,
            "queries_per_request": 1.0,
            "round_trips_per_request": 2.0,
            "transactions_per_request": 1.0,
            "connections_per_request": 15 / REQUESTS,
            "rows_read_per_request": 100_100.0,
            "rows_sent_per_request": 1.0,
            "per_request_ms": 20.001,
            "statement_ms": 20.0,
            "connections_opened": 15,
            "active_peak": 12,
            "deadlocks": 0,
        }
    )


def test_over_trials_sums_are_divided_by_sums(run_files: RunFiles) -> None:
    """Counts and times of all trials over the requests of all; the peak is that of any."""
    one = counted(REQUESTS, mean_ms=10, active_peak=7, deadlocks=1)
    two = counted(REQUESTS, mean_ms=30, active_peak=15, deadlocks=2) | {"rows_to_client": 3 * REQUESTS}
    side = side_of(run_files, one, two)
    assert side is not None
    assert side["requests"] == 2 * REQUESTS
    assert side["per_request_ms"] == pytest.approx(20.001)
    assert side["statement_ms"] == pytest.approx(20.0)
    assert side["rows_sent_per_request"] == pytest.approx(2.0)
    assert (side["connections_opened"], side["active_peak"], side["deadlocks"]) == (30, 15, 3)


def test_the_statement_is_the_one_that_took_most_over_all_trials(run_files: RunFiles) -> None:
    """A statement that is slow once does not hide the one that the time went to."""
    rare = {"query": "VACUUM", "calls": 1, "rows": 0, "mean_ms": 900.0, "total_ms": 900.0}
    quote = {"query": "SELECT …", "calls": 200, "rows": 200, "mean_ms": 4.0, "total_ms": 800.0}
    sides = [counted(REQUESTS, statements=True) | {"statements": [rare, quote]} for _ in (1, 2)]
    sides[1]["statements"] = [quote | {"calls": 300, "total_ms": 3000.0}]
    side = side_of(run_files, *sides)
    assert side is not None
    assert side["statement_ms"] == pytest.approx(3800 / 500)


def test_without_a_warm_up_the_measured_requests_are_all(run_files: RunFiles) -> None:
    """A trial without a warm-up has no requests but those of the measurement."""
    run_files.plan([POOLED])
    name = f"{POOLED['cell']}-r1"
    run_files.trial(name, rps=10, database=counted(600))
    path = run_files.path / "trials" / name / "record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["seconds"]["warmup"] = record["k6"][0]["warmup_requests"] = None
    path.write_text(json.dumps(record), encoding="utf-8")
    side = table_of(run_files)["rows"][0]["db"]
    assert (side["requests"], side["queries_per_request"]) == (600, 1.0)


@pytest.mark.parametrize("lost", ["count of the warm-up's requests", "database's side"])
def test_a_trial_whose_side_is_lost_is_left_out(run_files: RunFiles, lost: str) -> None:
    """A trial without its side, or without the warm-up's requests, enters no figure per request."""
    run_files.plan([POOLED], repeats=2)
    names = [f"{POOLED['cell']}-r{repeat}" for repeat in (1, 2)]
    for name in names:
        run_files.trial(name, rps=10, database=counted(REQUESTS))
    path = run_files.path / "trials" / names[0] / "record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    if lost == "database's side":
        record["database"] = None
    else:
        record["k6"][0]["warmup_requests"] = None
    path.write_text(json.dumps(record), encoding="utf-8")
    side = table_of(run_files)["rows"][0]["db"]
    assert (side["requests"], side["queries_per_request"]) == (REQUESTS, 1.0)


def test_no_successful_request_divides_nothing(run_files: RunFiles) -> None:
    """A cell whose every request failed has counts, and no figure per request."""
    run_files.plan([POOLED])
    name = f"{POOLED['cell']}-r1"
    run_files.trial(name, rps=0, failed=40, database=counted(0, connections_opened=40))
    run_files.change(f"trials/{name}/record.json", k6=[k6(warmup_requests=0)])
    (row,) = table_of(run_files)["rows"]
    assert (row["db"]["queries_per_request"], row["db"]["connections_opened"]) == (None, 40)
    assert row["reasons"] == ["errors", "short"]
    assert "n/a" not in "\n".join(shown({**tabulate(run_files.path)}))


@pytest.mark.parametrize(
    ("queries", "failed", "given"),
    [
        (REQUESTS, 0, False),
        (REQUESTS + 11, 0, False),
        (REQUESTS + 12, 0, True),
        (REQUESTS - 12, 0, True),
        (2 * REQUESTS, 0, True),
        (2 * REQUESTS, 3, False),
        (None, 0, False),
    ],
)
def test_other_queries_than_the_workload_says_are_told(
    run_files: RunFiles, queries: int | None, failed: int, *, given: bool
) -> None:
    """`queries-off`: more than 1 % beside the claim; not where requests failed, nor where nothing counts."""
    run_files.plan([POOLED])
    database = counted(REQUESTS, statements=queries is not None) | {"queries": queries}
    run_files.trial(f"{POOLED['cell']}-r1", rps=10, failed=failed, database=database)
    (row,) = table_of(run_files)["rows"]
    assert ("queries-off" in row["reasons"]) is given
    assert row["rank"] == (None if failed else 1)


@pytest.mark.parametrize(
    ("added", "failed", "given"),
    [(REQUESTS, 0, False), (REQUESTS - 1, 0, True), (REQUESTS + 1, 0, True), (REQUESTS + 3, 3, False)],
)
def test_view_counts_must_rise_by_the_successful_requests(
    run_files: RunFiles, added: int, failed: int, *, given: bool
) -> None:
    """`views-off`: one lost update is told; not where requests failed, which may have been counted."""
    writing = POOLED | {"views_per_request": 1}
    run_files.plan([writing])
    database = counted(REQUESTS, views_added=added)
    run_files.trial(f"{POOLED['cell']}-r1", rps=10, failed=failed, database=database)
    assert ("views-off" in table_of(run_files)["rows"][0]["reasons"]) is given


def test_what_an_orm_sends_at_its_start_is_allowed(run_files: RunFiles) -> None:
    """A slow row has few requests; five queries per process beyond them are no other behaviour."""
    run_files.plan([POOLED])
    database = counted(20) | {"queries": 25}
    run_files.trial(f"{POOLED['cell']}-r1", rps=0, database=database)
    run_files.change(
        f"trials/{POOLED['cell']}-r1/record.json", k6=[k6(warmup_requests=20)], database=database
    )
    assert table_of(run_files)["rows"][0]["reasons"] == ["short"]


@pytest.fixture
def mixed(run_files: RunFiles) -> RunFiles:
    """Return a run whose cells differ in having a pool; the unpooled one opens a connection per request."""
    run_files.plan([POOLED, UNPOOLED, THREADED], repeats=2)
    for known, opened in ((POOLED, 15), (UNPOOLED, REQUESTS), (THREADED, 45)):
        for repeat in (1, 2):
            database = counted(REQUESTS, mean_ms=20 + opened / 100, connections_opened=opened)
            run_files.trial(f"{known['cell']}-r{repeat}", rps=10, database=database)
    return run_files


def test_pools_and_no_pools_stand_in_one_table(mixed: RunFiles) -> None:
    """Slots and pools are shown for each row, one without bounds has none; the limit is told once."""
    table = table_of(mixed)
    lines = shown(table, 250)
    heading = next(line for line in lines if line.lstrip().startswith("#"))
    figures = {}
    for row in table["rows"]:
        line = next(line for line in lines if row["command"] in line)
        place = heading.index("claimed") + len("claimed")
        figures[row["cell"]] = line[:place].split()[-1], line[place:].split()[0]
    assert figures == {
        POOLED["cell"]: ("15", "15"),
        UNPOOLED["cell"]: ("-", "-"),
        THREADED["cell"]: ("15", "45"),
    }
    assert any("max_connections 200" in line for line in lines)


def test_unpooled_rows_show_a_connection_for_each_request(mixed: RunFiles) -> None:
    """Connections opened tell pooled from unpooled, in the terminal and, per request, in CSV."""
    table = table_of(mixed)
    opened = {row["cell"]: row["db"]["connections_opened"] for row in table["rows"]}
    assert opened == {POOLED["cell"]: 30, UNPOOLED["cell"]: 2 * REQUESTS, THREADED["cell"]: 90}
    text = "\n".join(shown(table))
    assert "connections" in text
    assert str(2 * REQUESTS) in text
    lines = {line["cell"]: line for line in csv.DictReader(io.StringIO(forms.comma_separated(table)))}
    assert float(lines[UNPOOLED["cell"]]["db_connections_per_request"]) == 1.0
    assert (lines[UNPOOLED["cell"]]["pool_max"], lines[POOLED["cell"]]["pool_max"]) == ("", "15")


def test_what_the_database_says_the_same_of_every_row_is_told_once(mixed: RunFiles) -> None:
    """Queries per request are 1.00 in every row: they stand in the header, as does the server's version."""
    text = " ".join(" ".join(shown(table_of(mixed))).split())
    assert "queries 1.00 /req" in text
    assert "deadlocks 0" in text
    assert "PostgreSQL 15.14" in text
    assert "PostgreSQL, load quote: 64 VUs, 30 s after 5 s of warm-up" in text


def test_the_reasons_of_slowness_fit_120_characters(mixed: RunFiles) -> None:
    """At 120 characters a row has its rate and latencies, and of the database time and connections."""
    lines = shown(table_of(mixed))
    assert max(len(line) for line in lines) <= 120
    text = "\n".join(lines)
    for words in ("rate", "duration, ms", "DB", "connections", "slots"):
        assert words in text
    assert "ms/req" in text


def test_without_statements_the_columns_say_so(run_files: RunFiles) -> None:
    """On a server without pg_stat_statements what is made of it is `n/a`, with the reason below the table."""
    cells = [POOLED, UNPOOLED]
    run_files.plan(cells)
    for known in cells:
        database = counted(REQUESTS, statements=False)
        run_files.trial(f"{known['cell']}-r1", rps=10, database=database)
    table = table_of(run_files)
    assert {row["db"]["queries_per_request"] for row in table["rows"]} == {None}
    text = " ".join(" ".join(shown(table)).split())
    assert "queries n/a, DB time n/a" in text
    assert "n/a: this PostgreSQL counts no statements: it lacks pg_stat_statements" in text
    assert "transactions 1.00 /req" in text
    assert "- n/a: this PostgreSQL counts no statements" in forms.markdown(table)


def test_a_failed_row_says_nothing_of_the_database(run_files: RunFiles) -> None:
    """A row without a good trial has no side; what the others have in common is still told once."""
    cells = [POOLED, UNPOOLED, THREADED]
    run_files.plan(cells)
    run_files.failed_trial(f"{POOLED['cell']}-r1", "db-gone")
    for known in cells[1:]:
        run_files.trial(f"{known['cell']}-r1", rps=10, database=counted(REQUESTS))
    table = table_of(run_files)
    assert [row["db"] is None for row in table["rows"]] == [False, False, True]
    assert "queries 1.00 /req" in " ".join(" ".join(shown(table)).split())


def test_a_fake_database_has_no_such_columns(run_files: RunFiles) -> None:
    """Nothing of this is shown where a run's database counts nothing."""
    run_files.plan([cell("sync-gunicorn"), cell("async-uvicorn")])
    for stack in ("sync-gunicorn", "async-uvicorn"):
        run_files.trial(f"{stack}-w1-db25-r1")
    table = table_of(run_files)
    assert [(row["db"], row["pool"], row["ledger"]) for row in table["rows"]] == [(None, None, None)] * 2
    varying, constant = split_constant(table["rows"])
    keys = {column.key for column in [*varying, *(column for column, _ in constant)]}
    assert {column.key for column in COLUMNS} >= {"db.queries_per_request", "ledger.slots"}
    assert not [key for key in keys if key.startswith(("db.", "ledger."))]
    text = "\n".join(shown(table, 300)) + forms.markdown(table)
    assert not [title for title in ("queries", "DB time", "transactions") if title in text]


def test_runs_from_before_there_were_pools_are_still_read(run_files: RunFiles) -> None:
    """A plan and records without the later keys make the same table as ever."""
    run_files.plan([cell("sync-gunicorn")])
    run_files.trial("sync-gunicorn-w1-db25-r1")
    run_files.to_format_1()
    path = run_files.path / "trials" / "sync-gunicorn-w1-db25-r1" / "record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    del record["database"], record["k6"]["warmup_requests"]
    path.write_text(json.dumps(record), encoding="utf-8")
    table = table_of(run_files)
    assert (table["problems"], table["database_versions"]) == ([], [])
    assert (table["rows"][0]["db"], table["rows"][0]["pool"]) == (None, None)
