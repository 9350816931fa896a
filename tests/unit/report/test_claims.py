"""Contrasts: confirmed or contradicted only where the whole interval says so."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console
from run_files import RunFiles, cell

from tripod.report import forms, header
from tripod.report.tabulate import tabulate
from tripod.report.terminal import print_table
from tripod.runs.documents import problem_of

ONE, OTHER, THIRD = cell("async-uvicorn"), cell("sync-gunicorn"), cell("sync-gthread")
SCATTER = {
    ONE["cell"]: (1.004, 0.994, 1.002),
    OTHER["cell"]: (0.993, 1.007, 0.998),
    THIRD["cell"]: (1.001, 1.003, 0.995),
}


def faster(by: float) -> dict[str, Any]:
    """Return the claim that the first does so many times what the second does."""
    return {"claim": "async is faster", "cells": [ONE["cell"], OTHER["cell"]], "by": by, "within": None}


def same(within: float) -> dict[str, Any]:
    """Return the claim that both do the same."""
    return {"claim": "they are the same", "cells": [ONE["cell"], OTHER["cell"]], "by": None, "within": within}


def table_of(
    run_files: RunFiles, contrasts: list[dict[str, Any]], rates: tuple[float, float], **of_first: Any
) -> dict[str, Any]:
    """Return the table of three trials each; `of_first` is of the first cell's trials."""
    run_files.plan([ONE, OTHER, THIRD], repeats=3, contrasts=contrasts)
    for known, rate in zip((ONE, OTHER, THIRD), (*rates, 50), strict=True):
        for block in range(3):
            more = of_first if known is ONE else {}
            run_files.trial(f"{known['cell']}-r{block + 1}", rps=rate * SCATTER[known["cell"]][block], **more)
    table = tabulate(run_files.path)
    assert problem_of(json.loads(json.dumps(table)), "summary") is None
    return table


@pytest.mark.parametrize(
    ("contrast", "rates", "answer"),
    [
        (faster(1), (120, 100), "confirmed"),
        (faster(1), (100, 120), "contradicted"),
        (faster(1), (100, 100), "cannot-be-told"),
        (faster(1.5), (120, 100), "contradicted"),
        (faster(1.2), (120, 100), "cannot-be-told"),
        (faster(1.5), (190, 100), "confirmed"),
        (same(0.1), (101, 100), "confirmed"),
        (same(0.1), (120, 100), "contradicted"),
        (same(0.1), (100, 120), "contradicted"),
        (same(0.1), (110, 100), "cannot-be-told"),
        # the first is at the load's ceiling: it may be faster still
        (faster(2), (230, 100), "confirmed"),
        (faster(3), (230, 100), "cannot-be-told"),
        (same(0.1), (230, 100), "contradicted"),
        (same(0.1), (230, 210), "cannot-be-told"),
        # the second is
        (faster(1), (100, 230), "contradicted"),
        (faster(1), (230, 231), "cannot-be-told"),
    ],
)
def test_the_interval_answers(
    run_files: RunFiles, contrast: dict[str, Any], rates: tuple[float, float], answer: str
) -> None:
    """Ratios are known to ±2 % here. A rate that the load set is no upper limit."""
    [found] = table_of(run_files, [contrast], rates)["contrasts"]
    assert found["answer"] == answer
    assert found["ratio"] == pytest.approx(rates[0] / rates[1], rel=0.02)
    assert (found["why"] is None) == (answer != "cannot-be-told")


def test_what_cannot_be_compared_is_said(run_files: RunFiles) -> None:
    """Of void rows nothing is told, whatever their rates."""
    [found] = table_of(run_files, [faster(1)], (150, 100), failed=1)["contrasts"]
    assert (found["answer"], found["interval"]) == ("cannot-be-told", None)
    assert found["why"] == f"{ONE['cell']} is void: errors"


def test_one_trial_answers_nothing(run_files: RunFiles) -> None:
    """Without an interval a claim is neither confirmed nor contradicted."""
    run_files.plan([ONE, OTHER], contrasts=[faster(1)])
    run_files.trial(f"{ONE['cell']}-r1", rps=200)
    run_files.failed_trial(f"{OTHER['cell']}-r1", "app-gone")
    [found] = tabulate(run_files.path)["contrasts"]
    assert (found["answer"], found["why"]) == ("cannot-be-told", f"{OTHER['cell']} has failed")
    (run_files.path / "trials" / f"{OTHER['cell']}-r1" / "record.json").unlink()
    [found] = tabulate(run_files.path)["contrasts"]
    assert found["why"] == f"{OTHER['cell']} was not measured"
    run_files.trial(f"{OTHER['cell']}-r1", rps=20)
    [found] = tabulate(run_files.path)["contrasts"]
    assert (found["answer"], found["ratio"]) == ("cannot-be-told", None)
    assert found["why"] == "fewer than two blocks have a good trial of both"


def test_more_claims_need_wider_intervals(run_files: RunFiles) -> None:
    """Ten claims hold together in 95 % of runs, so each interval is wider than that of one alone."""
    [alone] = table_of(run_files, [faster(1)], (120, 100))["contrasts"]
    run_files.change("plan.json", contrasts=[faster(1)] * 10)
    among = tabulate(run_files.path)["contrasts"][0]
    assert among["interval"][0] < alone["interval"][0] < alone["ratio"] == among["ratio"]


def test_answers_stand_below_the_table(run_files: RunFiles) -> None:
    """In the terminal and in Markdown each claim has its answer, its ratio and its interval."""
    table = table_of(run_files, [faster(1), same(0.1)], (120, 100))
    told = f"confirmed: async is faster ({ONE['cell']} ÷ {OTHER['cell']} is 1.20, 1."
    assert header.claims(table)[0].startswith(told)
    assert header.claims(table)[1].startswith("contradicted: they are the same (")
    console = Console(file=io.StringIO(), width=200)
    print_table(table, console)
    assert isinstance(console.file, io.StringIO)
    assert told in console.file.getvalue()
    assert "**Claims**" in forms.markdown(table)
    assert "confirmed: async is faster" in forms.markdown(table)


def test_a_claim_is_text_whatever_is_in_it(run_files: RunFiles) -> None:
    """Control characters and markup in a foreign run's claim are shown, not obeyed."""
    hostile = faster(1) | {"claim": "<script>alert(1)</script>\x1b[31m\u202e|"}
    table = table_of(run_files, [hostile], (120, 100))
    assert "<script>" not in forms.markdown(table)
    console = Console(file=io.StringIO(), width=200)
    print_table(table, console)
    assert isinstance(console.file, io.StringIO)
    for text in (console.file.getvalue(), forms.markdown(table)):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_runs_from_before_have_no_claims(run_files: RunFiles) -> None:
    """A plan without the key has none, and no heading for them."""
    run_files.plan([ONE])
    run_files.trial(f"{ONE['cell']}-r1")
    table = tabulate(run_files.path)
    assert table["contrasts"] == []
    assert "Claims" not in forms.markdown(table)


def test_cells_that_met_other_loads_are_not_short_of_blocks(run_files: RunFiles) -> None:
    """A stack may have users of its own under a load's name: nothing compares the two, and it is said."""
    other = OTHER | {"load": OTHER["load"] | {"vus": 2}}
    run_files.plan([ONE, other], repeats=3, contrasts=[faster(1)])
    for known, rate in ((ONE, 120), (other, 50)):
        for block in (1, 2, 3):
            run_files.trial(f"{known['cell']}-r{block}", rps=rate)
    [found] = tabulate(run_files.path)["contrasts"]
    assert found["answer"] == "cannot-be-told"
    assert found["why"] == "they met other loads, such as another number of users"
