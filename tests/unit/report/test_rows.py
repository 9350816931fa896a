"""Rows: figures, order, reasons and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from run_files import RunFiles, cell, telemetry

from tripod.report import header
from tripod.report.table import exit_code
from tripod.report.tabulate import tabulate
from tripod.runs.documents import problem_of

SYNC, GTHREAD = cell("sync-gunicorn"), cell("sync-gthread")
UVICORN, WORKER = cell("async-uvicorn"), cell("async-worker")


def table_of(run_files: RunFiles) -> dict[str, Any]:
    """Return the table, having checked it against its schema."""
    table = tabulate(run_files.path)
    assert problem_of(json.loads(json.dumps(table)), "summary") is None
    return table


def rows_of(run_files: RunFiles) -> dict[str, dict[str, Any]]:
    """Return the rows by their cell."""
    return {row["cell"]: row for row in table_of(run_files)["rows"]}


def test_a_trial_becomes_a_row_with_k6s_own_numbers(run_files: RunFiles) -> None:
    """With one trial the latencies are those of k6's summary; the rate is the counter over the duration."""
    run_files.plan([SYNC])
    run_files.trial("sync-gunicorn-w1-db25-r1", rps=69.8)
    row = rows_of(run_files)[SYNC["cell"]]
    metrics = run_files.k6["metrics"]
    for key, metric in (
        ("duration_ms", "http_req_duration{expected_response:true}"),
        ("blocked_ms", "http_req_blocked"),
        ("iteration_ms", "iteration_duration"),
    ):
        values = metrics[metric]["values"]
        expected = {name: values[name] for name in ("avg", "min", "med", "max")}
        expected |= {name: values[f"p({name[1:]})"] for name in ("p90", "p95", "p99")}
        assert row[key].pop("range_over_trials") == dict.fromkeys(("med", "p90", "p95", "p99"))
        assert row[key] == pytest.approx(expected)
    assert set(row["route_duration_ms"]) == {"home", "api"}
    assert row["rps"] == pytest.approx(69.8)
    assert row["requests"] == 4188
    assert row["iterations"] == 4188 // 3
    assert (row["status"], row["reasons"], row["rank"]) == ("ok", [], 1)


@pytest.mark.parametrize(("duration_s", "shown"), [(3.0, False), (4.9, False), (5.0, True)])
def test_a_short_window_has_no_p99(run_files: RunFiles, duration_s: float, *, shown: bool) -> None:
    """Below 5 s one pause of the host sets it; the p95 is there, and nothing says that values lack."""
    run_files.plan([{**SYNC, "load": {**SYNC["load"], "duration_s": duration_s}}])
    run_files.trial("sync-gunicorn-w1-db25-r1", rps=69.8)
    row = rows_of(run_files)[SYNC["cell"]]
    latencies = [
        row["duration_ms"],
        row["blocked_ms"],
        row["iteration_ms"],
        row["routes"]["api"]["duration_ms"],
    ]
    assert {latency["p99"] is not None for latency in latencies} == {shown}
    assert None not in {latency["p95"] for latency in latencies}
    assert "few-samples" not in row["notes"]


def test_trials_are_merged(run_files: RunFiles) -> None:
    """Counts add up, the rate is over all the time, and every trial's rate is kept."""
    run_files.plan([SYNC], repeats=3)
    for repeat, rps in enumerate((69.0, 70.0, 71.0), start=1):
        run_files.trial(f"{SYNC['cell']}-r{repeat}", rps=rps)
    row = rows_of(run_files)[SYNC["cell"]]
    assert row["rps"] == pytest.approx(70.0)
    assert row["rps_per_trial"] == [69.0, 70.0, 71.0]
    assert row["requests"] == 60 * (69 + 70 + 71)
    assert (row["trials"], row["trials_failed"]) == (3, 0)


def test_a_rate_has_its_interval_and_its_variation(run_files: RunFiles) -> None:
    """Student's t over trials: 4.30 / √3 to each side, and 1 / 70; two that are far apart stay above 0."""
    run_files.plan([SYNC, UVICORN], repeats=3)
    for repeat, rps in enumerate((69.0, 70.0, 71.0), start=1):
        run_files.trial(f"{SYNC['cell']}-r{repeat}", rps=rps)
    run_files.trial(f"{UVICORN['cell']}-r1", rps=10)
    run_files.trial(f"{UVICORN['cell']}-r2", rps=100)
    rows = rows_of(run_files)
    assert rows[SYNC["cell"]]["rps_interval"] == pytest.approx([70 - 2.484, 70 + 2.484], abs=0.001)
    assert rows[SYNC["cell"]]["rps_cv"] == pytest.approx(1 / 70)
    assert rows[UVICORN["cell"]]["rps_interval"][0] == 0


def test_percentiles_have_a_range_over_trials(run_files: RunFiles) -> None:
    """It is the least and the greatest of the trials' own; null where one trial has too few values."""
    run_files.plan([SYNC, UVICORN], repeats=2)
    for repeat, rps in ((1, 69.0), (2, 70.0)):
        run_files.trial(f"{SYNC['cell']}-r{repeat}", rps=rps)
        run_files.trial(f"{UVICORN['cell']}-r{repeat}", rps=rps, samples=150 * repeat)
    rows = rows_of(run_files)
    latency = rows[SYNC["cell"]]["duration_ms"]
    assert latency["range_over_trials"]["p95"] == pytest.approx([latency["p95"], latency["p95"]])
    few = rows[UVICORN["cell"]]["duration_ms"]["range_over_trials"]
    assert few["p90"] is not None
    assert few["p95"] is None


@pytest.mark.parametrize(
    ("offset_s", "told"), [(0.0, None), (0.0004, None), (0.0006, "+0.6 ms"), (-1.5, "-1500.0 ms")]
)
def test_a_clock_that_went_astray_is_a_caveat(run_files: RunFiles, offset_s: float, told: str | None) -> None:
    """Before the trials the app host's clock was known within 0.1 ms; after them it is within 0.4 ms."""
    run_files.plan([SYNC])
    run_files.trial("sync-gunicorn-w1-db25-r1", telemetry=telemetry())
    clocks = {
        "tripod-load": {"offset_s": 0.0, "error_s": 0.0},
        "tripod-app": {"offset_s": offset_s, "error_s": 0.0004},
        "of-no-trial": {"offset_s": 7.0, "error_s": 0.0},
    }
    for known in (None, clocks):
        run_files.change("end.json", clocks=known)
        found = [line for line in table_of(run_files)["caveats"] if "its clock went" in line]
        assert len(found) == (known is not None and told is not None)
        assert all(line.startswith(f"tripod-app: its clock went {told} against the load") for line in found)


def test_failed_trials_do_not_enter_the_figures(run_files: RunFiles) -> None:
    """One failed trial of three: the row is made of the two others, and shows the reason."""
    run_files.plan([SYNC], repeats=3)
    run_files.trial(f"{SYNC['cell']}-r1", rps=70)
    run_files.failed_trial(f"{SYNC['cell']}-r2", "not-ready", message="no answer in 30 s")
    run_files.trial(f"{SYNC['cell']}-r3", rps=72)
    table = table_of(run_files)
    row = table["rows"][0]
    assert (row["status"], row["trials"], row["trials_failed"]) == ("ok", 3, 1)
    assert row["rps_per_trial"] == [70.0, 72.0]
    assert row["reasons"] == ["not-ready"]
    assert table["failures"] == [
        {
            "trial": f"{SYNC['cell']}-r2",
            "cell": SYNC["cell"],
            "reasons": ["not-ready"],
            "message": "no answer in 30 s",
        }
    ]
    assert exit_code(table) == 2


def test_order_is_by_rate_then_errors_then_failed(run_files: RunFiles) -> None:
    """Ranked rows come first by rate; one with errors has no rank, however fast; a failed one is last."""
    run_files.plan([SYNC, GTHREAD, UVICORN, WORKER])
    run_files.failed_trial(f"{SYNC['cell']}-r1", "app-gone")
    run_files.trial(f"{GTHREAD['cell']}-r1", rps=230, failed=1)
    run_files.trial(f"{UVICORN['cell']}-r1", rps=100)
    run_files.trial(f"{WORKER['cell']}-r1", rps=120)
    rows = table_of(run_files)["rows"]
    assert [(row["stack"], row["rank"]) for row in rows] == [
        ("async-worker", 1),
        ("async-uvicorn", 2),
        ("sync-gthread", None),
        ("sync-gunicorn", None),
    ]
    assert rows[2]["reasons"] == ["errors", "capped"]
    assert (rows[3]["status"], rows[3]["rps"], rows[3]["duration_ms"]) == ("failed", None, None)


def test_a_row_below_bound_ones_has_the_place_after_them(run_files: RunFiles) -> None:
    """Bound rows have no place, but count: they may be faster still. A row below two of them is the third."""
    run_files.plan([SYNC, GTHREAD, UVICORN, WORKER])
    for known, rps in ((SYNC, 100), (GTHREAD, 225), (UVICORN, 230), (WORKER, 100)):
        run_files.trial(f"{known['cell']}-r1", rps=rps)
    table = table_of(run_files)
    assert [(row["stack"], row["rank"]) for row in table["rows"]] == [
        ("async-uvicorn", None),
        ("sync-gthread", None),
        ("sync-gunicorn", 3),
        ("async-worker", 3),
    ]
    assert exit_code(table) == 0


def test_groups_are_database_settings_in_the_matrix_order(run_files: RunFiles) -> None:
    """Each database setting is ranked by itself, in the order in which the matrix has them."""
    cells = [cell("sync-gunicorn", db_sleep_ms=ms) for ms in (25, 0)]
    cells += [cell("async-uvicorn", db_sleep_ms=ms) for ms in (25, 0)]
    run_files.plan(cells)
    for known, rps in zip(cells, (70, 90, 200, 250), strict=True):
        run_files.trial(f"{known['cell']}-r1", rps=rps)
    assert [(row["db_sleep_ms"], row["rank"], row["rps"]) for row in table_of(run_files)["rows"]] == [
        (25, 1, 200.0),
        (25, 2, 70.0),
        (0, 1, 250.0),
        (0, 2, 90.0),
    ]


@pytest.mark.parametrize(
    ("rps", "failed", "bad_checks", "reasons"),
    [(216, 0, 0, ["capped"]), (215, 0, 0, []), (100, 3, 0, ["errors"]), (100, 0, 2, ["errors"])],
)
def test_reasons_of_a_row(
    run_files: RunFiles, rps: float, failed: int, bad_checks: int, reasons: list[str]
) -> None:
    """A rate near the ceiling is `capped`; a failed request or check is `errors`."""
    run_files.plan([SYNC])
    run_files.trial(f"{SYNC['cell']}-r1", rps=rps, failed=failed, bad_checks=bad_checks)
    row = rows_of(run_files)[SYNC["cell"]]
    assert row["reasons"] == reasons
    assert (row["failed_requests"], row["failed_checks"]) == (failed, bad_checks)


def test_trials_that_differ_are_marked(run_files: RunFiles) -> None:
    """Trials that spread widely give `wide-spread`; the row keeps its rank."""
    run_files.plan([SYNC], repeats=2)
    run_files.trial(f"{SYNC['cell']}-r1", rps=60)
    run_files.trial(f"{SYNC['cell']}-r2", rps=90)
    row = rows_of(run_files)[SYNC["cell"]]
    assert (row["reasons"], row["rank"]) == (["wide-spread"], 1)


def test_harness_time_is_what_was_neither_warm_up_nor_measurement(run_files: RunFiles) -> None:
    """140 s of wall time for two trials of 65 s: 5 s per trial."""
    run_files.plan([SYNC, UVICORN])
    for known in (SYNC, UVICORN):
        run_files.trial(f"{known['cell']}-r1")
    table = table_of(run_files)
    assert table["measure_seconds"] == 140.0
    assert table["harness_seconds_per_trial"] == pytest.approx(5.0)


def test_a_drain_is_no_harness_time(run_files: RunFiles) -> None:
    """Of k6's 63.4 s 60 were asked and 3 are the drain: its 0.4 s of start and end are the harness's."""
    seconds = {"start": 0.5, "ready": 0.4, "warmup": 5.3, "measure": 63.4, "stop": 0.2}
    run_files.plan([SYNC, UVICORN])
    for known in (SYNC, UVICORN):
        drains = {"warmup_drain": 0.1, "drain": 3.0}
        run_files.trial(f"{known['cell']}-r1", seconds=seconds | drains)
    assert table_of(run_files)["harness_seconds_per_trial"] == pytest.approx(70 - 60 - 3 - 5 - 0.1)


def test_all_requests_failed_is_a_row_without_latency(run_files: RunFiles) -> None:
    """k6 exits 0 when every request failed: the row has a rate of 0, no duration, and `errors`."""
    run_files.plan([SYNC])
    run_files.trial(f"{SYNC['cell']}-r1", rps=0, failed=500)
    path = run_files.path / "trials" / f"{SYNC['cell']}-r1" / "k6.json"
    k6 = json.loads(path.read_text(encoding="utf-8"))
    trend = k6["metrics"]["http_req_duration{expected_response:true}"]
    trend["values"] = dict.fromkeys(trend["values"], 0)
    path.write_text(json.dumps(k6), encoding="utf-8")
    row = rows_of(run_files)[SYNC["cell"]]
    assert (row["rps"], row["duration_ms"], row["failed_requests"]) == (0.0, None, 500)
    assert (row["reasons"], row["rank"]) == (["errors"], None)


def test_the_note_says_how_requests_failed(run_files: RunFiles) -> None:
    """Kinds are summed over trials, the most first; the note says of each what it does to the percentiles."""
    run_files.plan([SYNC], repeats=2)
    run_files.trial(f"{SYNC['cell']}-r1", failed=45, failures={"timed_out": 40, "refused": 5})
    run_files.trial(
        f"{SYNC['cell']}-r2", failed=90, bad_checks=1, failures={"refused": 90, "wrong_answer": 1}
    )
    table = table_of(run_files)
    assert table["rows"][0]["failures"] == {"refused": 95, "timed_out": 40, "wrong_answer": 1}
    [note] = [line for line in header.notes(table) if line.startswith("errors: ")]
    assert "95 were refused (nothing listened; these ended at once, and the duration leaves them out)" in note
    assert "40 timed out (no answer came in time; the duration leaves these out, and its percentiles" in note
    assert "1 got a wrong answer with status 200 (the duration has these" in note
    assert "return fast" not in note


def one_good_trial(run_files: RunFiles) -> Path:
    """Make a run that is all well and return its directory."""
    run_files.plan([SYNC])
    run_files.trial(f"{SYNC['cell']}-r1")
    return run_files.path


def test_exit_code_is_zero_when_all_is_well(run_files: RunFiles) -> None:
    """A completed run with whole files and no errors ends with 0."""
    assert exit_code(tabulate(one_good_trial(run_files))) == 0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("end.json", {"outcome": "interrupted"}),
        ("end.json", {"format": 7}),
        ("hosts.json", {"separation": "far"}),
        (f"trials/{SYNC['cell']}-r1/record.json", {"status": "failed", "reasons": ["k6-failed"]}),
    ],
)
def test_exit_code_is_two_otherwise(run_files: RunFiles, name: str, change: dict[str, Any]) -> None:
    """An interrupted run, a refused file or a failed trial ends with 2, and still gives a valid table."""
    one_good_trial(run_files)
    run_files.change(name, **change)
    assert exit_code(table_of(run_files)) == 2


def test_what_requests_cost(run_files: RunFiles) -> None:
    """CPU is over the requests of the window; trials without telemetry do not enter."""
    run_files.plan([SYNC, GTHREAD], repeats=2)
    run_files.trial(f"{SYNC['cell']}-r1", rps=50, telemetry=telemetry(app_cpu_s=30))
    run_files.trial(f"{SYNC['cell']}-r2", rps=100)
    for repeat in (1, 2):
        run_files.trial(f"{GTHREAD['cell']}-r{repeat}", telemetry=None)
    rows = rows_of(run_files)
    assert rows[GTHREAD["cell"]]["cost"] is None
    assert rows[SYNC["cell"]]["cost"] == {
        "app_cpu_ms_per_request": pytest.approx(10.0),
        "db_cpu_ms_per_request": pytest.approx(1.0),
        "app_cpu_share": pytest.approx(0.25),
        "app_busiest_process_share": pytest.approx(29.5 / 60),
        "app_memory_peak_bytes": 50 * 2**20,
        "app_processes": 2,
        "app_threads": 3,
        "load_cpu_share": pytest.approx(0.05),
        "connections_opened": 12,
    }


def test_the_header_says_what_telemetry_cost(run_files: RunFiles) -> None:
    """Each host's share of a core is the mean over trials; trials that a sampler missed are counted."""
    run_files.plan([SYNC], repeats=2)
    run_files.trial(f"{SYNC['cell']}-r1", telemetry=telemetry(sampler=0.002))
    seen = telemetry(sampler=0.004)
    seen["tripod-app"] |= {"activity": None, "sampler_cpu_share": None, "lost": "the sampler had died"}
    run_files.trial(f"{SYNC['cell']}-r2", telemetry=seen)
    table = table_of(run_files)
    assert [one["trials_lost"] for one in table["telemetry"]] == [0, 1, 0]
    said = dict(header.facts(table))["telemetry"]
    assert said.startswith("tripod-load 0.30% of a core, tripod-app 0.20% of a core (1 of the trials without")


def test_without_telemetry_the_header_does_not_speak_of_it(run_files: RunFiles) -> None:
    """Runs from before telemetry, and those that were made without, have no such line."""
    run_files.plan([SYNC])
    run_files.trial(f"{SYNC['cell']}-r1")
    assert "telemetry" not in dict(header.facts(table_of(run_files)))
