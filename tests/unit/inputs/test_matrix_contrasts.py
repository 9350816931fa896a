"""Contrasts of a matrix: what they may say, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from plan_types import Make, Refused, Write
from run_files import ROOT

from tripod.inputs import matrix as matrices
from tripod.runs.documents import problem_of

FASTER = {"claim": "one beats two", "faster": "one-w1", "than": "two-w1-t4"}
SAME = {"claim": "threads do nothing", "same": ["two-w1-t4", "two-w1-t8"], "within": "10%"}
BAD: list[tuple[str, object, str]] = [
    ("no list", {"claim": "x"}, "contrasts is {'claim': 'x'}; allowed: a list of contrasts"),
    ("too many", [SAME] * 101, "allowed: a list of contrasts, at most 100"),
    ("no mapping", ["faster"], "contrasts[0] is 'faster'; allowed: a mapping with claim"),
    (
        "unknown key",
        [FASTER | {"then": "x"}],
        "contrasts[0]: has the unknown key 'then'; did you mean than?",
    ),
    ("no claim", [{key: FASTER[key] for key in ("faster", "than")}], "contrasts[0]: has no claim"),
    ("a long claim", [FASTER | {"claim": "x" * 301}], "a sentence of at most 300 characters"),
    ("a claim over lines", [FASTER | {"claim": "a\nb"}], "a sentence of at most 300 characters"),
    ("neither", [{"claim": "x"}], "contrasts[0]: has no cells; allowed: faster and than"),
    ("both", [FASTER | SAME], "has faster, than, same, within; allowed: faster and than"),
    ("half", [{"claim": "x", "faster": "one-w1"}], "contrasts[0]: has no than"),
    ("half a same", [{"claim": "x", "same": SAME["same"]}], "contrasts[0]: has no within"),
    ("unknown cell", [FASTER | {"faster": "on-w1"}], "such as one-w1; did you mean one-w1?"),
    (
        "a size that is not there",
        [FASTER | {"than": "two-w9-t4"}],
        "a stack of the matrix with a size that it has",
    ),
    ("one cell twice", [FASTER | {"than": "one-w1"}], "both cells are 'one-w1'; allowed: two that differ"),
    ("three cells", [SAME | {"same": ["one-w1"] * 3}], "allowed: a list of two cells"),
    ("by less than once", [FASTER | {"by": 0.5}], "by is 0.5; allowed: a number from 1 to 1000"),
    ("by no number", [FASTER | {"by": float("nan")}], "by is nan; allowed: a number from 1 to 1000"),
    ("within a bare number", [SAME | {"within": 10}], "within is 10; allowed: a share in per cent"),
    ("unknown load", [SAME | {"load": "saturate"}], "load is 'saturate'; allowed: one of poc"),
    (
        "unknown latency",
        [SAME | {"db_sleep": 50}],
        "db_sleep is 50; allowed: one of the matrix's db_sleep: 25",
    ),
]


@pytest.mark.parametrize(("contrasts", "told"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_bad_contrasts_are_refused(
    refused: Refused, write_matrix: Write, matrix: dict[str, Any], contrasts: object, told: str
) -> None:
    """The message names the file, the contrast, what was found and what is allowed."""
    path = write_matrix(matrix | {"contrasts": contrasts})
    problems = refused(matrix=path)
    assert any(told in problem for problem in problems), problems
    assert all(problem.startswith(f"{path}: contrasts") for problem in problems)


def test_a_latency_is_for_a_database_that_is_told_one(
    refused: Refused, write_matrix: Write, postgres_matrix: dict[str, Any]
) -> None:
    """On PostgreSQL there is none to choose."""
    claim = {"claim": "x", "faster": "unpooled-w1", "than": "unpooled-w2", "db_sleep": 25}
    [problem] = refused(matrix=write_matrix(postgres_matrix | {"contrasts": [claim]}))
    assert "db_sleep is 25; allowed: one of the matrix's db_sleep: none" in problem


def test_the_plan_has_those_whose_cells_the_run_has(
    make: Make, write_matrix: Write, matrix: dict[str, Any]
) -> None:
    """Each once for each latency, under the names of the run's cells; without its cells there is none."""
    path = write_matrix(
        matrix | {"db_sleep": [25, 0], "contrasts": [FASTER | {"by": 2}, SAME | {"db_sleep": 0}]}
    )
    made = make(matrix=path)
    assert made["contrasts"] == [
        {
            "claim": "one beats two",
            "cells": [f"one-w1-db{ms}", f"two-w1-t4-db{ms}"],
            "by": 2.0,
            "within": None,
        }
        for ms in (25, 0)
    ] + [
        {
            "claim": "threads do nothing",
            "cells": ["two-w1-t4-db0", "two-w1-t8-db0"],
            "by": None,
            "within": 0.1,
        }
    ]
    assert problem_of(made, "plan") is None
    assert make(matrix=path, only="one")["contrasts"] == []
    assert len(make(matrix=path, threads=4)["contrasts"]) == 2


def test_contrasts_are_inherited_with_what_they_are_about(
    make: Make, write_matrix: Write, matrix: dict[str, Any]
) -> None:
    """A matrix that extends another keeps its claims, unless it has stacks or loads of its own."""
    parent = write_matrix(matrix | {"contrasts": [SAME]}, "parent")
    assert len(make(matrix=write_matrix({"name": "mine", "extends": parent}))["contrasts"]) == 1
    load = {"script": "poc", "vus": 2, "duration": "5s", "warmup": "0s"}
    assert make(matrix=write_matrix({"name": "mine", "extends": parent, "load": load}))["contrasts"] == []


@pytest.mark.parametrize("name", ["poc", "quick", "quotes", "quote-view"])
def test_the_claims_of_the_write_ups_ship(make: Make, name: str) -> None:
    """Every matrix has claims, and with nothing chosen the run answers each of them once."""
    chosen = matrices.load(ROOT / "matrix" / f"{name}.yml", ROOT)
    made = make(matrix=name)["contrasts"]
    assert len(chosen.contrasts) >= 3
    assert [one["claim"] for one in made] == [one.claim for one in chosen.contrasts]
