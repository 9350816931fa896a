"""How loads show in the table: groups, an open load's service level, routes, versions."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from run_files import OPEN, RunFiles, cell

from tripod.report import forms, header
from tripod.report.columns import columns_of
from tripod.report.tabulate import tabulate
from tripod.runs.documents import problem_of


def open_cell(stack: str) -> dict[str, Any]:
    """Return a cell under 60 requests/s for 60 s."""
    known = cell(stack, load=OPEN, ceiling_rps=None, requests_per_iteration=3)
    return known | {"cell": f"{known['cell']}-rate"}


def scheduled_trial(
    files: RunFiles, name: str, within: int, *, dropped: int = 0, slower: float = 1.0
) -> None:
    """Write a trial of an open load of which so many of 3,600 requests came in time."""
    files.trial(name, rps=60)
    path = files.path / f"trials/{name}/k6.json"
    k6 = json.loads(path.read_text(encoding="utf-8"))
    metrics = k6["metrics"]
    counter = metrics["tripod_ok_requests"]
    for metric, count in (
        ("tripod_within_slo", within),
        ("tripod_within_slo_of_send", within),
        ("iterations", 1200 - dropped),
        ("dropped_iterations", dropped),
    ):
        metrics[metric] = counter | {"values": {"count": count, "rate": 1.0}}
    latency = metrics["http_req_duration{expected_response:true}"]
    metrics["tripod_schedule_lag"] = latency
    metrics["http_req_duration{expected_response:true}"] = latency | {
        "values": {
            key: value if key == "count" else slower * value for key, value in latency["values"].items()
        }
    }
    path.write_text(json.dumps(k6), encoding="utf-8")


def table_of(files: RunFiles) -> dict[str, Any]:
    """Return the table, which follows its schema."""
    table = tabulate(files.path)
    assert problem_of(json.loads(json.dumps(table)), "summary") is None
    return table


def test_an_open_load_is_ordered_by_what_it_asks_for(run_files: RunFiles) -> None:
    """At one rate rows that keep the service level come by their p95; those that miss it by how much."""
    stacks = ("sync-gunicorn", "sync-gthread", "async-uvicorn", "async-worker")
    cells = [open_cell(stack) for stack in stacks]
    run_files.plan(cells)
    names = [f"{known['cell']}-r1" for known in cells]
    scheduled_trial(run_files, names[0], 3000, dropped=100)
    scheduled_trial(run_files, names[1], 3590, slower=3)
    scheduled_trial(run_files, names[2], 3599, slower=5)
    scheduled_trial(run_files, names[3], 3400)
    table = table_of(run_files)
    rows = table["rows"]
    assert [(row["stack"], row["rank"]) for row in rows] == [
        ("sync-gthread", 1),
        ("async-uvicorn", 2),
        ("async-worker", 3),
        ("sync-gunicorn", 4),
    ]
    last = rows[-1]["service_level"]
    assert (last["scheduled_requests"], last["missed_requests"], last["dropped_iterations"]) == (
        3600,
        600,
        100,
    )
    assert (last["missed_share"], last["lag_known"], last["lag_ms"]) == (pytest.approx(1 / 6), False, None)
    assert rows[0]["service_level"]["lag_ms"]["p99"] > 0
    assert any(note.startswith("missed: at least so much") for note in header.notes(table))


def test_a_row_without_a_p95_is_compared_by_the_mean(run_files: RunFiles) -> None:
    """Of fewer than 200 values there is no p95; where one row of a group lacks it, all come by their mean."""
    stacks = ("sync-gunicorn", "sync-gthread", "async-uvicorn")
    cells = [open_cell(stack) for stack in stacks]
    run_files.plan(cells)
    # what they had, and how much slower than the fastest they were
    for known, slower, count in zip(cells, (3, 1, 2), (3600, 3600, 199), strict=True):
        name = f"{known['cell']}-r1"
        scheduled_trial(run_files, name, 3600, slower=slower)
        k6 = json.loads((run_files.path / f"trials/{name}/k6.json").read_text(encoding="utf-8"))
        k6["metrics"]["http_req_duration{expected_response:true}"]["values"]["count"] = count
        run_files.write(f"trials/{name}/k6.json", k6)
    rows = table_of(run_files)["rows"]
    assert [row["stack"] for row in rows] == ["sync-gthread", "async-uvicorn", "sync-gunicorn"]
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert rows[1]["duration_ms"]["p95"] is None


def test_each_load_is_a_group_of_its_own(run_files: RunFiles) -> None:
    """Ranks are within a load and a database setting, whose heading says what was offered."""
    closed, opened = cell("sync-gunicorn"), open_cell("sync-gunicorn")
    run_files.plan([closed, opened])
    run_files.trial(f"{closed['cell']}-r1", rps=70)
    scheduled_trial(run_files, f"{opened['cell']}-r1", 3600)
    table = table_of(run_files)
    assert [row["rank"] for row in table["rows"]] == [1, 1]
    assert [heading for heading, _ in header.groups(table["rows"])] == [
        "fakedb at 25 ms, load poc: 10 VUs, 60 s after 5 s of warm-up",
        (
            "fakedb at 25 ms, load rate: 60 requests/s, each due within 100 ms (20 VUs), without a pause, "
            "60 s after 5 s of warm-up"
        ),
    ]
    assert "| 0.00 % |" in forms.markdown(table)


def test_routes_have_columns_of_their_own(run_files: RunFiles) -> None:
    """Rate and latency of each route, in the table and, under the keys of summary.json, in the CSV."""
    known = cell("sync-gunicorn")
    run_files.plan([known])
    run_files.trial(f"{known['cell']}-r1", rps=70)
    table = table_of(run_files)
    (row,) = table["rows"]
    metrics = run_files.k6["metrics"]
    for name in ("home", "api"):
        count = metrics[f"tripod_ok_requests{{name:{name}}}"]["values"]["count"]
        assert row["routes"][name]["rps"] == pytest.approx(count / 60) != 0
        assert row["routes"][name]["duration_ms"] == row["route_duration_ms"][name]
    (line,) = csv.DictReader(io.StringIO(forms.comma_separated(table)))
    assert float(line["routes_api_rps"]) == row["routes"]["api"]["rps"]
    assert float(line["routes_home_duration_ms_p95"]) == row["routes"]["home"]["duration_ms"]["p95"]
    assert "api rate [req/s]" in forms.markdown(table)
    assert "home p95 [ms]" in forms.markdown(table)


def test_a_route_that_k6_did_not_count_has_no_rate(run_files: RunFiles) -> None:
    """A summary from before routes were counted has latencies alone."""
    known = cell("sync-gunicorn")
    run_files.plan([known])
    run_files.trial(f"{known['cell']}-r1", rps=70)
    path = run_files.path / f"trials/{known['cell']}-r1/k6.json"
    k6 = json.loads(path.read_text(encoding="utf-8"))
    for name in ("home", "api"):
        del k6["metrics"][f"tripod_ok_requests{{name:{name}}}"]
    path.write_text(json.dumps(k6), encoding="utf-8")
    (row,) = table_of(run_files)["rows"]
    assert {route["rps"] for route in row["routes"].values()} == {None}
    assert row["routes"]["api"]["duration_ms"]["med"] > 0


@pytest.mark.parametrize("name", ["\x1b[31m", "a|b", "A" * 50, "=1+1", ""])
def test_a_strange_route_becomes_no_heading(name: str) -> None:
    """A route's name comes from a file of the run: what no workload could be called has no column."""
    rows = [{"routes": {name: {"rps": 1.0, "duration_ms": None}, "api": {}, "home": {}}}]
    assert {column.key.split(".")[1] for column in columns_of(rows) if column.key.startswith("routes.")} == {
        "api",
        "home",
    }


def test_rows_say_what_served_them(run_files: RunFiles) -> None:
    """Versions are those that the app told; a run from before it did has the plan's names, or none."""
    told, untold = cell("sync-gunicorn"), cell("async-uvicorn", framework="fastapi", server="uvicorn")
    run_files.plan([told, untold])
    run_files.trial(f"{untold['cell']}-r1")
    run_files.trial(f"{told['cell']}-r1")
    path = run_files.path / f"trials/{told['cell']}-r1/record.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["services"]["app"]["ready"] |= {
        "framework": "flask 3.1.3",
        "server": "gunicorn 27.0.1",
        "python": "3.13.5",
    }
    path.write_text(json.dumps(record), encoding="utf-8")
    rows = {row["stack"]: row for row in table_of(run_files)["rows"]}
    keys = ("framework", "server", "python")
    assert [rows["sync-gunicorn"][key] for key in keys] == ["flask 3.1.3", "gunicorn 27.0.1", "3.13.5"]
    assert [rows["async-uvicorn"][key] for key in keys] == ["fastapi", "uvicorn", None]


def test_what_missed_the_service_level_shares_no_place(run_files: RunFiles) -> None:
    """Quicker where it answered, it dropped 3 %: it stands below the row that kept the level, untested."""
    cells = [open_cell(stack) for stack in ("sync-gunicorn", "async-uvicorn")]
    contrast = {"claim": "twice", "cells": [known["cell"] for known in cells], "by": 2.0, "within": None}
    run_files.plan(cells, repeats=3, contrasts=[contrast])
    for block in (1, 2, 3):
        scheduled_trial(run_files, f"{cells[0]['cell']}-r{block}", 3600, slower=3 + block / 100)
        scheduled_trial(run_files, f"{cells[1]['cell']}-r{block}", 3490, slower=1 + block / 100)
    table = table_of(run_files)
    assert [(row["rank"], row["place"], row["places"]) for row in table["rows"]] == [
        (1, 1, [1, 2]),
        (2, None, None),
    ]
    [note] = [line for line in header.notes(table) if "missed the service level" in line]
    assert note.startswith("1 of 2 rows missed the service level")
    [claim] = table["contrasts"]
    assert (claim["answer"], claim["why"]) == (
        "cannot-be-told",
        "the load offers the rate, which shows nothing",
    )
