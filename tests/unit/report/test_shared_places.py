"""Places: what trials can tell of the order, and what they cannot."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console
from run_files import OPEN, RunFiles, cell

from tripod.report import columns, forms, header
from tripod.report.tabulate import tabulate
from tripod.report.terminal import print_table
from tripod.runs.documents import problem_of

# Deviations in five blocks, of the order of 1 %: a machine that drifts, and the scatter of each cell.
DRIFT = (1.0, 0.93, 1.02, 0.96, 1.01)
SCATTER = (
    (1.004, 0.994, 1.008, 0.995, 1.001),
    (0.993, 1.007, 0.998, 1.006, 0.999),
    (1.002, 1.001, 0.991, 1.004, 0.997),
    (0.999, 0.995, 1.003, 0.994, 1.008),
    (1.006, 1.003, 0.999, 0.992, 0.996),
    (0.995, 1.001, 1.006, 1.002, 0.993),
)
STACKS = ("sync-gunicorn", "sync-gthread", "async-uvicorn", "async-worker")


def table_of(
    run_files: RunFiles, rates: list[float], *, repeats: int = 5, wide: int | None = None
) -> dict[str, Any]:
    """Return the table of cells that have these rates, scattered by 0.6 %; `wide`: whose, and by 20 %."""
    cells = [cell(stack, workers) for workers in (1, 2) for stack in STACKS][: len(rates)]
    run_files.plan(cells, repeats=repeats)
    for index, (known, rate) in enumerate(zip(cells, rates, strict=True)):
        for block in range(repeats):
            scatter = SCATTER[index][block]
            if index == wide:
                scatter = (1.25, 0.75, 1.1, 0.8, 1.1)[block]
            run_files.trial(f"{known['cell']}-r{block + 1}", rps=rate * DRIFT[block] * scatter)
    table = tabulate(run_files.path)
    assert problem_of(json.loads(json.dumps(table)), "summary") is None
    return table


def places(table: dict[str, Any]) -> list[tuple[int | None, bool, list[int] | None]]:
    """Return place, whether it is shared, and its range, row by row."""
    return [(row["place"], row["tied"], row["places"]) for row in table["rows"]]


def test_what_cannot_be_told_apart_shares_a_place(run_files: RunFiles) -> None:
    """Two rows within 0.3 %, two within 0.2 % of each other 10 % below: places 1, 1, 3, 3."""
    table = table_of(run_files, [100, 99.7, 90, 89.8])
    assert places(table) == [(1, True, [1, 2]), (1, True, [1, 2]), (3, True, [3, 4]), (3, True, [3, 4])]
    assert [row["rank"] for row in table["rows"]] == [1, 2, 3, 4]


def test_what_can_be_told_apart_has_its_own_place(run_files: RunFiles) -> None:
    """Rates 5 % apart at 0.6 % deviation: nobody shares, and every range is one place."""
    assert places(table_of(run_files, [100, 95, 90, 85])) == [
        (place, False, [place, place]) for place in (1, 2, 3, 4)
    ]


def test_a_row_is_compared_with_the_first_of_its_place(run_files: RunFiles) -> None:
    """Steps of 0.7 % cannot be told apart one by one; the row that differs from the first opens a place."""
    table = table_of(run_files, [100, 99.3, 98.6, 97.9, 97.2, 96.5])
    found = [row["place"] for row in table["rows"]]
    assert found[0] == 1
    assert found[-1] is not None
    assert found[-1] > 1
    assert all(not row["neighbour"]["told_apart"] for row in table["rows"][:-1])
    ranges = [row["places"] for row in table["rows"]]
    assert all(best <= index <= worst for index, (best, worst) in enumerate(ranges, start=1))
    assert len({tuple(one) for one in ranges}) > 1


def test_the_machine_does_not_matter(run_files: RunFiles) -> None:
    """Blocks differ by 9 %, more than the rows do: rates within blocks tell these apart all the same."""
    table = table_of(run_files, [100, 96])
    assert [row["place"] for row in table["rows"]] == [1, 2]
    ranges = [(min(row["rps_per_trial"]), max(row["rps_per_trial"])) for row in table["rows"]]
    assert ranges[0][0] < ranges[1][1]


@pytest.mark.parametrize(("wide", "expected"), [(0, [1, 1, 3, 4]), (2, [1, 2, 2, 4])])
def test_a_wide_row_lifts_nobody(run_files: RunFiles, wide: int, expected: list[int]) -> None:
    """A row of wide spread cannot be told from those around it; these are compared all the same."""
    table = table_of(run_files, [101, 95, 90, 85], wide=wide)
    assert [row["place"] for row in table["rows"]] == expected
    row = next(row for row in table["rows"] if "wide-spread" in row["reasons"])
    assert row["tied"]
    assert row["places"] == [1, 4]


def test_bound_and_void_rows_have_no_place(run_files: RunFiles) -> None:
    """Rows at the ceiling count in the places of slower ones, those with errors do not."""
    cells = [cell(stack) for stack in STACKS]
    run_files.plan(cells, repeats=3)
    for known, rate, failed in zip(cells, (225, 226, 100, 150), (0, 0, 0, 1), strict=True):
        for block in range(3):
            run_files.trial(f"{known['cell']}-r{block + 1}", rps=rate * SCATTER[0][block], failed=failed)
    table = tabulate(run_files.path)
    assert places(table) == [
        (None, False, None),
        (None, False, None),
        (3, False, [3, 3]),
        (None, False, None),
    ]


def test_one_trial_tells_nothing_apart(run_files: RunFiles) -> None:
    """Without repeats there is a rank and neither place nor interval, and the table says so."""
    table = table_of(run_files, [100, 50], repeats=1)
    assert places(table) == [(None, False, None)] * 2
    assert [(row["rank"], row["rps_interval"], row["rps_cv"]) for row in table["rows"]] == [
        (1, None, None),
        (2, None, None),
    ]
    [note] = [line for line in header.notes(table) if "one trial" in line]
    assert note.startswith("all rows have one trial alone, which has no interval")
    assert [columns.place(row) for row in table["rows"]] == ["-", "-"]
    assert "-e repeats=3" in note


def test_a_row_that_lost_its_trials_keeps_its_rank(run_files: RunFiles) -> None:
    """One good trial of three: no place is claimed for it, and it may be anywhere in the others' ranges."""
    cells = [cell(stack) for stack in STACKS[:3]]
    run_files.plan(cells, repeats=3)
    for index, (known, rate) in enumerate(zip(cells, (100, 95, 90), strict=True)):
        for block in range(3):
            if index == 1 and block:
                run_files.failed_trial(f"{known['cell']}-r{block + 1}", "app-gone")
            else:
                run_files.trial(f"{known['cell']}-r{block + 1}", rps=rate * SCATTER[index][block])
    table = tabulate(run_files.path)
    assert [(row["rank"], row["place"], row["places"]) for row in table["rows"]] == [
        (1, 1, [1, 2]),
        (2, None, None),
        (3, 3, [2, 3]),
    ]


def test_a_load_that_sets_the_rate_is_ordered_by_latency(run_files: RunFiles) -> None:
    """At one offered rate the latency is compared: here all trials have the same, and share a place."""
    cells = [cell(stack, load=OPEN, requests_per_iteration=3, ceiling_rps=None) for stack in STACKS[:2]]
    run_files.plan(cells, repeats=3)
    for known in cells:
        for block in range(3):
            run_files.trial(f"{known['cell']}-r{block + 1}", rps=60)
    table = tabulate(run_files.path)
    assert [row["place"] for row in table["rows"]] == [1, 1]
    assert table["rows"][0]["neighbour"]["ratio"] == 1


def test_the_table_says_how_many_more_trials_it_takes(run_files: RunFiles) -> None:
    """For neighbours that share a place: few where they nearly differ, more than 100 where they hardly do."""
    table = table_of(run_files, [100, 99.2, 90, 89.99])
    more = [row["neighbour"]["more_trials"] for row in table["rows"] if row["neighbour"]]
    assert more[0] is not None
    assert 1 <= more[0] < 40
    assert more[1:] == [None, None]
    note = next(line for line in header.notes(table) if line.startswith("=: "))
    assert f"{more[0]} more of each, e.g. -e repeats={5 + more[0]}" in note
    lines = forms.markdown(table).splitlines()
    assert [line.count(f"+{more[0]}") + line.count(">100") for line in lines if "`" in line] == [1, 0, 1, 0]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_places_are_shown_with_an_equals_sign(run_files: RunFiles, width: int) -> None:
    """In every width the place stands beside the number, `1=` if shared, and its range from 120 on."""
    table = table_of(run_files, [100, 99.7, 90, 80])
    console = Console(file=io.StringIO(), width=width)
    print_table(table, console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    cells = [row["cell"] for row in table["rows"]]
    firsts = [line.split()[:2] for cell in cells for line in lines if re.match(rf" *\d.*  {cell}( |$)", line)]
    assert firsts == [["1", "1="], ["2", "1="], ["3", "3"], ["4", "4"]]
    assert any("1-2" in line.split() for line in lines) or width == 80
    assert max(map(len, lines)) <= width


def test_a_lost_trial_lifts_nobody(run_files: RunFiles) -> None:
    """Without its trial in the slowest block a row has the higher mean, and is slower in each other."""
    rates = {"sync-gunicorn": (100.0, 101.0, None), "sync-gthread": (105.0, 106.0, 60.0)}
    cells = {stack: cell(stack) for stack in rates}
    run_files.plan(list(cells.values()), repeats=3)
    for stack, of_blocks in rates.items():
        for block, rate in enumerate(of_blocks, 1):
            name = f"{cells[stack]['cell']}-r{block}"
            if rate is None:
                run_files.failed_trial(name, "app-gone")
            else:
                run_files.trial(name, rps=rate)
    first, second = tabulate(run_files.path)["rows"]
    assert (first["stack"], first["rank"], first["place"], first["places"]) == ("sync-gthread", 1, 1, [1, 1])
    assert (second["rank"], second["place"], second["tied"]) == (2, 2, False)
    assert first["rps"] < second["rps"]
    assert [line for line in header.notes(tabulate(run_files.path)) if line.startswith("order: ")]


def test_a_trial_that_answered_nothing_is_not_left_out(run_files: RunFiles) -> None:
    """Two trials at 100/s and one at 0 are no 100/s: such a row has a rank by its mean, and no place."""
    cells = [cell(stack) for stack in STACKS[:2]]
    run_files.plan(cells, repeats=3)
    for known, rates in zip(cells, ((100, 101, 0), (50, 51, 50)), strict=True):
        for block, rate in enumerate(rates, 1):
            run_files.trial(f"{known['cell']}-r{block}", rps=rate)
    table = tabulate(run_files.path)
    assert places(table) == [(None, False, None), (2, False, [1, 2])]
    assert [row["rank"] for row in table["rows"]] == [1, 2]
    assert not [found for found in table["findings"] if found["kind"] in {"first", "faster", "one-trial"}]
    [note] = [line for line in header.notes(table) if "answered nothing" in line]
    assert note.startswith("a trial of 1 of 2 rows answered nothing in its window")
