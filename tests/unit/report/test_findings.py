"""Findings: sentences that the data support, and none that they do not."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from run_files import RunFiles, cell

from tripod.report import findings, forms, header, names
from tripod.report.order import ordered
from tripod.report.tabulate import tabulate
from tripod.runs.documents import problem_of

SCATTER = ((1.004, 0.994, 1.002), (0.993, 1.007, 0.998), (1.001, 1.003, 0.995), (0.997, 1.002, 1.001))


def table_of(
    run_files: RunFiles, rates: dict[tuple[str, int], float], repeats: int = 3, **of_all: Any
) -> dict[str, Any]:
    """Return the table of stacks with workers that have these rates, scattered by 0.5 %."""
    cells = [cell(stack, workers) for stack, workers in rates]
    run_files.plan(cells, repeats=repeats)
    for index, (known, rate) in enumerate(zip(cells, rates.values(), strict=True)):
        for block in range(repeats):
            scatter = SCATTER[index % len(SCATTER)][block]
            run_files.trial(f"{known['cell']}-r{block + 1}", rps=rate * scatter, **of_all)
    table = tabulate(run_files.path)
    assert problem_of(json.loads(json.dumps(table)), "summary") is None
    return table


def sentences(table: dict[str, Any], kind: str) -> list[str]:
    """Return the sentences of a kind."""
    return [found["sentence"] for found in table["findings"] if found["kind"] == kind]


def test_a_row_that_is_limited_by_the_load_is_at_least_so_fast(run_files: RunFiles) -> None:
    """The ratio is the lower end of its interval, and the sentence says what limits the first."""
    table = table_of(
        run_files,
        {
            ("async-uvicorn", 1): 230,
            ("async-worker", 1): 225,
            ("sync-gunicorn", 1): 75,
            ("sync-gthread", 1): 90,
        },
    )
    [faster] = sentences(table, "faster")
    assert faster == (
        "FastAPI on uvicorn is at least 2.9 times as fast as Flask on gunicorn sync "
        "(1 worker, 25 ms; the first is limited by the load)"
    )
    assert sentences(table, "load-limited") == ["2 rows are limited by the load: at least 224/s (25 ms)"]
    found = next(one for one in table["findings"] if one["kind"] == "faster")
    assert found["cells"] == ["async-uvicorn-w1-db25", "sync-gunicorn-w1-db25"]
    assert 2.9 <= found["data"]["at_least"] < 230 / 75


def test_the_fastest_is_named_where_it_can_be_told(run_files: RunFiles) -> None:
    """With what it is faster than any other by, at least; where rows share the place, they are named."""
    table = table_of(
        run_files, {("async-uvicorn", 1): 150, ("async-worker", 1): 120, ("sync-gunicorn", 1): 75}
    )
    [first] = sentences(table, "first")
    assert first == (
        "of 3 rows, FastAPI on uvicorn (1 worker) is the fastest, "
        "at least 1.2 times as fast as any other (25 ms)"
    )
    assert sentences(table, "shared-first") == []
    table = table_of(
        run_files, {("async-uvicorn", 1): 150, ("async-worker", 1): 150, ("sync-gunicorn", 1): 75}
    )
    assert sentences(table, "first") == []
    [shared] = sentences(table, "shared-first")
    assert shared.startswith("of 3 rows, ")
    assert shared.endswith(" share the first place (1 worker, 25 ms)")


def test_more_workers_make_no_difference_above_what_the_interval_allows(run_files: RunFiles) -> None:
    """No difference is claimed up to a number; nothing is where the interval allows more than 10 %."""
    table = table_of(
        run_files,
        {
            ("async-uvicorn", 1): 150,
            ("async-uvicorn", 2): 150,
            ("async-worker", 1): 148,
            ("async-worker", 2): 148,
            ("sync-gunicorn", 1): 40,
            ("sync-gunicorn", 2): 75,
            ("sync-gthread", 1): 90,
            ("sync-gthread", 2): 60,
        },
    )
    [same] = sentences(table, "workers-same")
    assert same.startswith("1 worker or 2 make no difference above ")
    assert " % for FastAPI on uvicorn and " in same
    data = next(one["data"] for one in table["findings"] if one["kind"] == "workers-same")
    assert 0 < data["no_difference_above"] <= 0.1
    assert sentences(table, "workers-more") == [
        "Flask on gunicorn sync is at least 1.8 times as fast with 2 workers as with 1 (25 ms)"
    ]
    assert sentences(table, "workers-fewer") == [
        "Flask on gunicorn gthread is at least 1.4 times as fast with 1 worker as with 2 (25 ms)"
    ]


def test_one_trial_finds_nothing_but_that(run_files: RunFiles) -> None:
    """Two rows of which one has twice the rate, once: no ratio is claimed."""
    table = table_of(run_files, {("async-uvicorn", 1): 150, ("sync-gunicorn", 1): 75}, repeats=1)
    assert [found["kind"] for found in table["findings"]] == ["one-trial"]


def test_void_rows_are_in_no_other_sentence(run_files: RunFiles) -> None:
    """They are counted, with their reasons, and compared with nothing."""
    table = table_of(run_files, {("async-uvicorn", 1): 150, ("sync-gunicorn", 1): 75}, failed=1)
    assert [found["sentence"] for found in table["findings"]] == [
        "2 rows are not to be believed: errors (25 ms)"
    ]


@pytest.mark.parametrize(
    ("rate", "told"), [(80.0, "are not told apart"), (90.0, "are told apart, which are")]
)
def test_twins_check_the_whole(run_files: RunFiles, rate: float, told: str) -> None:
    """One cell under two names: whether they are told apart is said, and the twin is in no other sentence."""
    known = cell("sync-gunicorn")
    twin = known | {"cell": f"{known['cell']}-twin", "twin_of": known["cell"]}
    other = cell("async-uvicorn")
    run_files.plan([known, other, twin], repeats=3)
    for one, of_one, scatter in (
        (known, 80.0, SCATTER[0]),
        (twin, rate, SCATTER[1]),
        (other, 150.0, SCATTER[2]),
    ):
        for block in range(3):
            run_files.trial(f"{one['cell']}-r{block + 1}", rps=of_one * scatter[block])
    table = tabulate(run_files.path)
    [sentence] = sentences(table, "twins")
    assert sentence.startswith(f"the twins of Flask on gunicorn sync (1 worker) {told}")
    assert "; ratio " in sentence
    assert all(twin["cell"] not in found["cells"] for found in table["findings"] if found["kind"] == "faster")
    [line] = [
        line for line in forms.markdown(table).splitlines() if "| twin |" in line and "sync_app" in line
    ]
    assert "gunicorn -w 1 sync_app:app" in line


def test_sentences_stand_below_the_table(run_files: RunFiles) -> None:
    """They are the first thing below the rows, and the load is named where a run has several."""
    table = table_of(run_files, {("async-uvicorn", 1): 150, ("sync-gunicorn", 1): 75})
    text = forms.markdown(table)
    assert text.index("**Findings**") > text.rindex("| `")
    for sentence in header.findings(table):
        assert f"- {sentence}" in text
    assert "load poc" not in " ".join(header.findings(table))


def test_equal_rows_are_found_equal(run_files: RunFiles) -> None:
    """Over 200 runs of 8 equal rows, at most 5 % (+ 3) have any sentence that says faster."""
    draw = random.Random(21)
    row = table_of(run_files, {("async-uvicorn", 1): 100.0})["rows"][0]
    rows = [
        row | {"cell": f"c{index}", "stack": f"s{index % 4}", "workers": 1 + index // 4} for index in range(8)
    ]
    wrong = 0
    for _ in range(200):
        trials = {one["cell"]: {block: 100 * draw.gauss(1, 0.03) for block in range(3)} for one in rows}
        made = [one | {"rps": sum(trials[one["cell"]].values()) / 3} for one in rows]
        groups = ordered(made, lambda name, _, trials=trials: trials[name])
        kinds = {found["kind"] for found in findings.make(groups)}
        wrong += bool(kinds & {"first", "faster", "workers-more", "workers-fewer"})
    assert wrong / 200 <= 0.08


@pytest.mark.parametrize(
    ("command", "mode", "threads", "name"),
    [
        (
            "gunicorn -k gthread -w 1 --threads 8 sync_app:app",
            "sync",
            8,
            "Flask on gunicorn gthread with 8 threads",
        ),
        ("uvicorn --workers 1 --log-level error def_app:app", "sync", None, "FastAPI def on uvicorn"),
        (
            "gunicorn -k uvicorn_worker.UvicornWorker -w 1 async_app:app",
            "async",
            None,
            "FastAPI on gunicorn with uvicorn's worker",
        ),
        ("uvicorn --workers 1 django_pooled:asgi", "async", None, "async Django with a pool on uvicorn"),
        ("granian --interface wsgi mine:app", "sync", None, "their-own"),
        ("", "sync", None, "their-own"),
        ("sh -c 'a", "sync", None, "their-own"),
    ],
)
def test_a_row_has_a_name_in_sentences(command: str, mode: str, threads: int | None, name: str) -> None:
    """App and server, with what tells its workers apart; of an app that is not known the stack's name."""
    assert names.stack({"command": command, "mode": mode, "threads": threads, "stack": "their-own"}) == name


def test_the_fastest_is_so_of_the_rows_that_have_a_place(run_files: RunFiles) -> None:
    """A row with one good trial has the highest rate: the sentence does not count it among the slower."""
    cells = [cell("async-uvicorn"), cell("async-worker"), cell("sync-gunicorn")]
    run_files.plan(cells, repeats=3)
    for known, rate, scatter in zip(cells, (200, 120, 75), SCATTER, strict=False):
        for block in range(3):
            name = f"{known['cell']}-r{block + 1}"
            if rate == 200 and block:
                run_files.failed_trial(name, "app-gone")
            else:
                run_files.trial(name, rps=rate * scatter[block])
    [first] = sentences(tabulate(run_files.path), "first")
    assert first.startswith(
        "of the rows that have two good trials, FastAPI on gunicorn with uvicorn's worker"
    )


def test_a_twin_is_not_named_beside_its_cell(run_files: RunFiles) -> None:
    """Two names of the fastest cell share the first place of nobody else: it is the first."""
    known, other = cell("sync-gunicorn"), cell("async-uvicorn")
    twin = other | {"cell": f"{other['cell']}-twin", "twin_of": other["cell"]}
    run_files.plan([known, other, twin], repeats=3)
    for one, rate, scatter in zip((known, other, twin), (80, 150, 150), SCATTER, strict=False):
        for block in range(3):
            run_files.trial(f"{one['cell']}-r{block + 1}", rps=rate * scatter[block])
    table = tabulate(run_files.path)
    assert sentences(table, "shared-first") == []
    [first] = sentences(table, "first")
    assert first.startswith("of 2 rows, FastAPI on uvicorn (1 worker) is the fastest")


def test_no_sentence_says_what_places_deny(run_files: RunFiles) -> None:
    """Two calm rows among wide ones would be one pair by themselves; the table compares all pairs.

    Those that share its place are not said to be faster.
    """
    row = table_of(run_files, {("async-uvicorn", 1): 100.0})["rows"][0]
    wide = {f"wide{index}": {1: 60.0 + index, 2: 140.0, 3: 95.0} for index in range(6)}
    calm = {"a": {1: 124.0, 2: 131.0, 3: 128.0}, "b": {1: 101.0, 2: 103.0, 3: 98.0}}
    trials = calm | wide
    rows = [
        row
        | {
            "cell": name,
            "stack": name,
            "rps": sum(of.values()) / 3,
            "notes": ["wide-spread"] if name in wide else [],
            "trials": 3,
        }
        for name, of in trials.items()
    ]
    [group] = ordered(rows, lambda name, _: trials[name])
    alone, among = group.ratio("a", "b"), group.compared("a", "b")
    assert alone is not None
    assert among is not None
    assert alone.p < 0.05
    assert not among.told_apart
    assert not [found for found in findings.make([group]) if found["kind"] == "faster"]
