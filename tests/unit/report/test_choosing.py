"""Which rows and columns are shown: what a person asks for, and what is said where it is not there."""

from __future__ import annotations

from typing import Any

import pytest
from run_files import RunFiles, cell

from tripod.report.choosing import ChoiceError, Known, name_of
from tripod.report.columns import COLUMNS
from tripod.report.tabulate import tabulate

RATES = {"sync-gunicorn": 40.0, "async-uvicorn": 90.0, "sync-gthread": 60.0}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of three stacks at 25 and at 0 ms; one cell failed."""
    run_files = RunFiles(tmp_path_factory.mktemp("results") / "20261123T034500Z-poc", k6_summary)
    cells = [cell(stack, 1, ms) for ms in (25, 0) for stack in RATES]
    run_files.plan(cells)
    for known in cells:
        run_files.trial(f"{known['cell']}-r1", rps=RATES[known["stack"]] + known["db_sleep_ms"])
    run_files.failed_trial(f"{cells[-1]['cell']}-r1", "app-gone")
    return list(tabulate(run_files.path)["rows"])


def names(rows: list[dict[str, Any]]) -> list[str]:
    """Return which rows these are."""
    return [row["cell"].replace("-w1-db", " ") for row in rows]


def test_columns_are_those_that_are_named_in_their_order(rows: list[dict[str, Any]]) -> None:
    """Dots and underscores are the same, and columns for machines can be named, too."""
    found = Known(rows).columns("rps, cell,duration_ms.p95,duration_ms_min")
    assert [name_of(column) for column in found] == ["rps", "cell", "duration_ms_p95", "duration_ms_min"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("rps>80", ["async-uvicorn 25", "sync-gthread 25", "async-uvicorn 0"]),
        ("rps <= 60", ["sync-gunicorn 0"]),
        ("cell=SYNC-*-db25", ["sync-gthread 25", "sync-gunicorn 25"]),
        ("stack!=sync-*", ["async-uvicorn 25", "async-uvicorn 0"]),
        ("reasons=app-gone", ["sync-gthread 0"]),
        ("rps_per_trial>80", ["async-uvicorn 25", "sync-gthread 25", "async-uvicorn 0"]),
        ("rps=", ["sync-gthread 0"]),
        ("db_sleep_ms=0", ["async-uvicorn 0", "sync-gunicorn 0", "sync-gthread 0"]),
    ],
)
def test_rows_are_those_of_which_the_condition_holds(
    rows: list[dict[str, Any]], condition: str, found: list[str]
) -> None:
    """Numbers are compared as such, texts as globs, lists by items; unknown is neither less nor more."""
    assert names(Known(rows).filtered(rows, condition)) == found


def test_the_order_is_that_of_a_column(rows: list[dict[str, Any]]) -> None:
    """Groups stay together unless they need not; what is unknown comes last, either way."""
    known = Known(rows)
    assert names(known.ordered(rows, "rps", in_groups=True)) == [
        *("sync-gunicorn 25", "sync-gthread 25", "async-uvicorn 25"),
        *("sync-gunicorn 0", "async-uvicorn 0", "sync-gthread 0"),
    ]
    assert names(known.ordered(rows, "-rps", in_groups=False)) == [
        *("async-uvicorn 25", "async-uvicorn 0", "sync-gthread 25", "sync-gunicorn 25"),
        *("sync-gunicorn 0", "sync-gthread 0"),
    ]
    assert names(known.ordered(rows, "stack", in_groups=False))[0].startswith("async")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (lambda known: known.columns("cell,rpz"), "--columns: no column 'rpz'; did you mean rps"),
        (lambda known: known.ordered([], "-rsp", in_groups=True), "--sort: no column 'rsp'"),
        (lambda known: known.filtered([], "workes=1"), "did you mean workers"),
        (lambda known: known.columns(""), "--columns is '', which names none; allowed: number, "),
        (lambda known: known.columns(" , "), "which names none"),
        (lambda known: known.filtered([], "rps>fast"), "'rps>fast'; allowed: a number"),
        (lambda known: known.filtered([], "rps>nan"), "'rps>nan'; allowed: a number"),
        (lambda known: known.filtered([], "rps>"), "'rps>'; allowed: a number after >"),
        (lambda known: known.filtered([], "mode>a"), "allowed: = or !="),
        (lambda known: known.filtered([], "rps"), "allowed: COLUMN=VALUE"),
        (lambda known: known.columns("cpu_ms"), "did you mean cost_app_cpu_ms_per_request or cost_db_cpu_ms"),
        (lambda known: known.columns("blocked p59"), "'blocked p59'; did you mean blocked_ms_p95"),
    ],
)
def test_what_is_not_there_is_refused(rows: list[dict[str, Any]], asked: Any, told: str) -> None:
    """The message has what was found and what is allowed; of a wrong name, all that are right."""
    with pytest.raises(ChoiceError) as refused:
        asked(Known(rows))
    assert told in str(refused.value)
    if "no column" in told:
        assert all(name_of(column) in str(refused.value) for column in COLUMNS)


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("p95", "duration_ms.p95"),
        ("P99", "duration_ms.p99"),
        ("duration p95", "duration_ms.p95"),
        ("api p95", "routes.api.duration_ms.p95"),
        ("rate", "rps"),
        ("api rate", "routes.api.rps"),
        ("#", "number"),
        ("App CPU", "cost.app_cpu_ms_per_request"),
        ("pool max", "ledger.pool_max_total"),
        ("pool_max", "pool.max"),
        ("place", "place"),
    ],
)
def test_a_column_is_also_named_as_its_heading_reads(
    rows: list[dict[str, Any]], heading: str, key: str
) -> None:
    """Regardless of case; a statistic alone is that of all requests' durations; a key comes first."""
    known = Known(rows)
    assert [column.key for column in known.columns(f"cell,{heading}")] == ["cell", key]
    assert known.ordered(rows, f"-{heading}", in_groups=False) == known.ordered(
        rows, f"-{key}", in_groups=False
    )


def test_a_condition_takes_headings(rows: list[dict[str, Any]]) -> None:
    """Those of several words and that of the number, too."""
    known = Known(rows)
    assert names(known.filtered(rows, "# <= 2")) == names(rows[:2])
    assert known.filtered(rows, "api rate>0")
    assert known.filtered(rows, "limited by=") == known.filtered(rows, "limited_by=")


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("workers=2", "--filter: no row has workers=2; there are: 1"),
        ("rps>200", "no row has rps>200; there are: 40 to 115"),
        ("rps=41", "no row has rps=41; there are: 40 to 115"),
        ("db_sleep_ms=5", "no row has db_sleep_ms=5; there are: 25, 0"),
        ("stack=gunicorn", "did you mean 'stack=*gunicorn*'? there are: "),
        ("stack=sync-gthraed", "did you mean 'stack=sync-gthread'? there are: "),
        ("reasons=void", "no row has reasons=void; there are: "),
        ("mode!=*", "no row has mode!=*; there are: async, sync"),
        ("pool_max=3", "no row has pool_max=3; none has a value"),
    ],
)
def test_a_condition_that_holds_of_no_row_tells_what_there_is(
    rows: list[dict[str, Any]], condition: str, told: str
) -> None:
    """As of a cell that is not there: nothing would be shown, and nobody would know why."""
    with pytest.raises(ChoiceError) as refused:
        Known(rows).filtered(rows, condition)
    assert told in str(refused.value)


def test_rows_are_numbered_as_they_stand(rows: list[dict[str, Any]]) -> None:
    """The number is the row's place in the whole table, whatever is shown of it."""
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["number"] for row in Known(rows).filtered(rows, "db_sleep_ms=0")] == [4, 5, 6]
