"""What is told of a run that other work disturbed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from run_files import RunFiles, cell

from tripod.report import disturbed, header
from tripod.report.page import make
from tripod.report.tabulate import tabulate
from tripod.runs.results import read_run


def rows(*reasons: Sequence[str], failed: int = 0) -> list[dict[str, Any]]:
    """Return rows with these reasons, and others that were not measured."""
    measured = [{"status": "ok", "reasons": list(codes)} for codes in reasons]
    return [*measured, *({"status": "failed", "reasons": ["app-gone"]} for _ in range(failed))]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            rows(["steal", "short"], ["noisy-host"], ["steal"], [], failed=5),
            "3 of 4 rows: steal, noisy-host: ",
        ),
        (rows(["app-host-shared"]), "1 of 1 row: app-host-shared: "),
        (rows(["steal"], [], failed=5), "1 of 2 rows: steal: "),
        (rows(["steal"], [], ["wide-spread"]), None),
        (rows(["load-saturated"]), None),
        (rows(failed=2), None),
        ([], None),
    ],
)
def test_half_of_the_rows_disturb_a_run(table: list[dict[str, Any]], told: str | None) -> None:
    """Of those that were measured; what a run does to itself is no disturbance."""
    sentence = disturbed.sentence(table)
    assert (sentence and sentence.partition("other work")[0]) == told


def test_it_stands_above_the_rows(run_files: RunFiles) -> None:
    """In the terminal and in the page; of a calm run nothing does."""
    run_files.plan([cell("sync-gunicorn")])
    run_files.trial("sync-gunicorn-w1-db25-r1")
    calm = tabulate(run_files.path)
    restless = copy.deepcopy(calm)
    restless["rows"][0]["reasons"] = ["steal"]
    told = "1 of 1 row: steal: other work had a part of the hosts"
    assert "disturbed" not in dict(header.facts(calm))
    assert dict(header.facts(restless))["disturbed"].startswith(told)
    run = read_run(run_files.path)
    assert told in make.page([(run, restless)])
    assert told not in make.page([(run, calm)])
