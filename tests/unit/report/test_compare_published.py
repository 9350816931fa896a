"""A run against a write-up's published figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from comparison_runs import made, read, smaller
from run_files import ROOT, RunFiles, cell

from tripod.report import compare_published, compare_text
from tripod.report.sides import NotComparableError, Side, side
from tripod.runs import published
from tripod.runs.formats.comparison import Comparison, PublishedPair
from tripod.runs.formats.declaration import keys_of

POC = published.read(ROOT, "poc")
FAST, SLOW = "async-uvicorn-w1-db25", "sync-gunicorn-w1-db25"


def ours(folder: Path, k6: dict[str, Any], fast: float, slow: float) -> Side:
    """Return a run of two stacks that the write-up has: it has async at 226/s and sync at 70/s."""
    return side([read(made(folder, k6, {"sync-gunicorn": slow, "async-uvicorn": fast}))], "B")


@pytest.mark.parametrize(
    ("fast", "slow", "answer", "factor", "bound"),
    [
        (200.0, 62.0, "confirmed", "as-published", None),
        (150.0, 100.0, "confirmed", "smaller", None),
        (210.0, 40.0, "confirmed", "larger", None),
        (70.0, 140.0, "contradicted", "smaller", None),
        (100.0, 100.0, "cannot-be-told", "smaller", None),
        # limited by the load: at least 2.4 times as fast, which does not contradict 3.24
        (236.0, 100.0, "confirmed", None, "at-least"),
        # the published ratio is in the interval, and ours may be larger
        (236.0, 73.0, "confirmed", None, "at-least"),
    ],
)
def test_direction_and_ratio_of_a_pair(  # noqa: PLR0913, PLR0917 - pytest gives all by name
    tmp_path: Path,
    k6_summary: dict[str, Any],
    fast: float,
    slow: float,
    answer: str,
    factor: str | None,
    bound: str | None,
) -> None:
    """The published ratio is 3.24: ours has that direction or not, and that ratio in its interval or not."""
    found = compare_published.make(POC, "poc", ours(tmp_path / "run", k6_summary, fast, slow), "a")
    assert set(found) == {name for name in keys_of(Comparison) if "." not in name}
    [pair] = found["pairs"]
    assert set(pair) == set(keys_of(PublishedPair))
    assert (pair["one"], pair["other"]) == (FAST, SLOW)
    assert pair["published"] == pytest.approx(226.251252 / 69.804625)
    assert pair["ratio"] == pytest.approx(fast / slow, rel=0.02)
    assert (pair["answer"], pair["factor"], pair["bound"]) == (answer, factor, bound)


def test_figures_stand_side_by_side_and_no_row_is_judged(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Published rows have no trials; the interval is of ours alone, and the text may be either side."""
    run = ours(tmp_path / "run", k6_summary, 200.0, 80.0)
    found = compare_published.make(POC, "poc", run, "a")
    rows = {one["b"]["cell"]: one for one in found["cells"]}
    assert rows[SLOW]["a"] == {
        "cell": "gunicorn -w 1 sync_app:app, 25 ms",
        "rate": 69.804625,
        "p95_ms": 258.5,
        "p99_ms": None,
        "app_cpu_ms_per_request": None,
        "trials": 0,
        "void": [],
        "bound": [],
    }
    assert {one["answer"] for one in found["cells"]} == {None}
    change = rows[SLOW]["change"]["rate"]
    assert change["interval"][0] < change["ratio"] < change["interval"][1]
    assert change["ratio"] == pytest.approx(80 / 69.8, rel=0.02)
    turned = compare_published.make(POC, "poc", run, "b")
    [other] = [one for one in turned["cells"] if one["a"]["cell"] == SLOW]
    assert other["change"]["rate"]["ratio"] == pytest.approx(1 / change["ratio"])
    assert other["change"]["rate"]["interval"] == pytest.approx(
        [1 / end for end in reversed(change["interval"])]
    )
    assert turned["shifts"]["rate"]["ratio"] == pytest.approx(1 / found["shifts"]["rate"]["ratio"])
    assert turned["differences"][0]["b"] == found["differences"][0]["a"] == "not told; all on 127.0.0.1"


def test_rows_that_are_published_as_alike_claim_no_direction(
    tmp_path: Path, k6_summary: dict[str, Any]
) -> None:
    """70 and 74 a second, one measurement each, are within what trials differ by; 1.6 times is not that."""
    files = RunFiles(tmp_path / "run", smaller(k6_summary))
    cells = [cell("async-uvicorn", workers) for workers in (1, 2)]
    files.plan(cells, repeats=3)
    for known, rate in zip(cells, (120.0, 60.0), strict=True):
        for block, wobble in ((1, 1.0), (2, 1.01), (3, 0.99)):
            files.trial(f"{known['cell']}-r{block}", rps=rate * wobble)
    [pair] = compare_published.make(POC, "poc", side([read(files.path)], "B"), "a")["pairs"]
    assert pair["published"] < compare_published.ALIKE
    assert pair["answer"] == "contradicted"
    for block, wobble in ((1, 1.0), (2, 1.01), (3, 0.99)):
        files.trial(f"{cells[1]['cell']}-r{block}", rps=120.0 * wobble)
    [pair] = compare_published.make(POC, "poc", side([read(files.path)], "B"), "a")["pairs"]
    assert pair["answer"] == "confirmed"


def test_several_runs_of_ours_have_the_variance_between_them(
    tmp_path: Path, k6_summary: dict[str, Any]
) -> None:
    """Two runs whose ratio differs tell less than one whose trials agree."""
    one = ours(tmp_path / "one", k6_summary, 200.0, 80.0)
    other = ours(tmp_path / "other", k6_summary, 200.0, 60.0)
    both = side([*one.runs, *other.runs], "B")
    [alone] = compare_published.make(POC, "poc", one, "a")["pairs"]
    [together] = compare_published.make(POC, "poc", both, "a")["pairs"]
    assert together["interval"][1] - together["interval"][0] > alone["interval"][1] - alone["interval"][0]


def test_what_the_text_and_the_run_do_not_share_is_named(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Rows without a cell of ours, and cells without a row."""
    rates = {"sync-gunicorn": 70.0, "async-uvicorn": 200.0, "sync-gthread": 100.0}
    run = side([read(made(tmp_path / "run", k6_summary, rates))], "B")
    left = compare_published.make(POC, "poc", run, "a")["left_out"]
    assert {
        "cell": "sync-gthread-w1-db25",
        "side": "b",
        "code": "absent",
        "why": "the text has no such row",
    } in left
    assert "gunicorn -w 2 sync_app:app, 0 ms" in {one["cell"] for one in left if one["side"] == "a"}


def test_the_first_few_that_are_not_shared_are_named() -> None:
    """The text has more rows than anybody reads: 20 are named, and the rest counted."""
    left = [{"cell": f"row {at}, 0 ms", "side": "a", "why": "the run has no such cell"} for at in range(48)]
    [line] = compare_text.left_out(left)
    assert line.endswith("; row 19, 0 ms and 28 more: the run has no such cell")
    assert "row 20" not in line
    [line] = compare_text.left_out(left[:20])
    assert line.endswith("; row 19, 0 ms: the run has no such cell")


def test_another_load_is_refused_with_what_differs(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """The message names the load to measure; a text of other stacks says which it has."""
    load = cell("sync-gunicorn")["load"] | {"vus": 64}
    run = side([read(made(tmp_path / "run", k6_summary, {"sync-gunicorn": 70.0}, load=load))], "B")
    typed = r"type: \.venv/bin/ansible-playbook bench\.yml -e matrix=poc -e load=poc$"
    with pytest.raises(NotComparableError, match=rf"other loads .*vus 10 against 64; {typed}"):
        compare_published.make(POC, "poc", run, "a")
    with pytest.raises(NotComparableError, match="no row of published:quotes stands for a cell"):
        compare_published.make(published.read(ROOT, "quotes"), "quotes", run, "a")
