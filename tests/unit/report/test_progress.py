"""How far a run is: by the plan, by the clock, and by what trials returned."""

from __future__ import annotations

import re
from typing import Any

import pytest
from run_files import RunFiles, cell

from tripod.catalogue.lengths import TRIAL_OVERHEAD_S
from tripod.report import progress_shown
from tripod.report.output import Tone
from tripod.report.progress import Found, Progress
from tripod.report.trials_output import TrialsOutput
from tripod.runs.results import read_cell, read_plan
from tripod.verdicts.rule import Severity

CELLS = ("sync-gunicorn-w1-db25", "async-uvicorn-w1-db25")
LOAD_S = 65.0  # 5 s of warm-up and 60 s


@pytest.fixture
def planned(run_files: RunFiles) -> RunFiles:
    """Return a run of two cells, twice each, of which nothing was measured yet."""
    run_files.plan([cell("sync-gunicorn"), cell("async-uvicorn")], repeats=2)
    (run_files.path / "end.json").unlink(missing_ok=True)
    return run_files


def test_what_is_left_is_the_plans_until_trials_tell_better(planned: RunFiles) -> None:
    """At first a trial takes what is announced; then what those before it took beside their load."""
    progress = Progress(read_plan(planned.path), 100.0)
    assert progress.of == 4
    assert progress.left_s(100.0) == pytest.approx(4 * (LOAD_S + TRIAL_OVERHEAD_S))
    assert progress.left_s(110.0) == pytest.approx(4 * (LOAD_S + TRIAL_OVERHEAD_S) - 10)
    progress.end(good=True, now=100 + LOAD_S + 1)
    progress.end(good=True, now=100 + 2 * LOAD_S + 4)
    assert progress.left_s(100 + 2 * LOAD_S + 4) == pytest.approx(2 * (LOAD_S + 2))
    assert progress.trial_left_s(100 + 2 * LOAD_S + 14) == pytest.approx(LOAD_S + 2 - 10)


def test_a_trial_that_failed_tells_nothing_of_how_long_others_take(planned: RunFiles) -> None:
    """It was over at once; the next ones will not be."""
    progress = Progress(read_plan(planned.path), 0.0)
    progress.end(good=False, now=1.0)
    assert (progress.failed, progress.ended) == (1, 1)
    assert progress.left_s(1.0) == pytest.approx(3 * (LOAD_S + TRIAL_OVERHEAD_S))


def test_a_late_trial_has_nothing_left_and_the_last_one_no_next(planned: RunFiles) -> None:
    """Never less than nothing; after the last trial there is none."""
    progress = Progress(read_plan(planned.path), 0.0)
    assert progress.trial_left_s(1000.0) == 0
    for number in range(4):
        progress.end(good=True, now=100.0 * number)
    assert progress.current is None
    assert progress.left_s(400.0) == 0
    progress.end(good=True, now=500.0)
    assert progress.ended == 4
    assert progress_shown.clocks(progress, 500.0, 80) == []


def test_what_was_found_is_read_of_one_cell(planned: RunFiles) -> None:
    """Rate and codes come from its files; trials that were not reached count for nothing."""
    planned.trial(f"{CELLS[0]}-r1", rps=50, failed=3)
    found = Found(CELLS[0], 2)
    found.take(read_cell(planned.path, CELLS[0]))
    assert (found.ended, found.rps) == (1, 50.0)
    assert "errors" in found.codes
    assert "not-run" not in found.codes
    assert found.severity is Severity.VOID
    other = Found(CELLS[1], 2)
    other.take(read_cell(planned.path, CELLS[1]))
    assert (other.ended, other.rps, other.codes) == (0, None, ())
    with pytest.raises(KeyError):
        read_cell(planned.path, "nothing")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (8.2, "9 s"), (130, "2 min 10 s"), (600, "10 min"), (2690, "45 min"), (3900, "1 h 05 min")],
)
def test_times_are_told_as_people_do(seconds: float, text: str) -> None:
    """Seconds while they matter, then minutes, then hours."""
    assert progress_shown.time_text(seconds) == text


@pytest.mark.parametrize("width", [30, 80, 200])
def test_no_line_is_longer_than_the_screen_is_wide(planned: RunFiles, width: int) -> None:
    """Names are cut, not wrapped, since a picture of another height could not be erased."""
    progress = Progress(read_plan(planned.path), 0.0)
    progress.found[CELLS[0]].codes = ("load-saturated", "wide-spread") * 9
    lines = progress_shown.clocks(progress, 1.0, width)
    lines += [text.plain for text in progress_shown.table(progress, width, 20)]
    assert len(lines) == 6
    assert max(map(len, lines)) <= width


def test_a_low_screen_shows_those_that_were_measured(planned: RunFiles) -> None:
    """The fastest first, and how many more there are; where not even that has room, no table."""
    planned.plan([cell("async-uvicorn", workers) for workers in range(1, 31)])
    progress = Progress(read_plan(planned.path), 0.0)
    for number, found in enumerate(progress.found.values()):
        if number % 3 == 0:
            found.ended, found.rps = 1, float(number)
    lines = [text.plain for text in progress_shown.table(progress, 80, 12)]
    assert [line.split()[0] for line in lines[1:3]] == ["async-uvicorn-w28-db25", "async-uvicorn-w25-db25"]
    assert lines[-1] == "and 23 more cells"
    assert len(lines) <= 12 - 3
    assert progress_shown.table(progress, 80, 5) == []


def test_in_a_log_each_trial_has_its_lines(planned: RunFiles) -> None:
    """When one begins, with the time left; what it found when it ends; failures at once, as text."""
    shown: list[tuple[str, Tone]] = []
    plan = read_plan(planned.path)
    output = TrialsOutput(plan, planned.path, lambda text, tone: shown.append((text, tone)), None)
    first, second = (trial["trial"] for trial in plan["trials"][:2])
    planned.trial(first, rps=50)
    output.ended(first, {"status": "ok", "reasons": [], "message": None, "aside": "latest is no\x1b[2J link"})
    planned.failed_trial(second, "app-gone", message="it\x1b[2J went")
    told = {"status": "failed", "reasons": ["app-gone"], "message": "it\x1b[2J went"}
    output.ended(second, told)
    output.ended("another", told)  # is none of the plan's
    output.over()
    patterns = [
        rf"  1/4 {first}, 4 min 34 s left",
        r"    latest is no\\x1b\[2J link",
        r"    50\.0 req/s over 1 of 2 trials(; .*)?",
        rf"  2/4 {second}, .* left",
        r"    failed, and the run goes on: app-gone: it\\x1b\[2J went",
        r"  3/4 \S+, .* left",
    ]
    assert len(shown) == len(patterns)
    assert all(re.fullmatch(pattern, text) for pattern, (text, _) in zip(patterns, shown, strict=True)), shown
    assert shown[1][1] is shown[4][1] is Tone.WARNING


def test_a_continuation_begins_with_what_there_is(planned: RunFiles) -> None:
    """Trials that were measured before are in the table from the first picture on."""
    planned.trial(f"{CELLS[0]}-r1", rps=50)
    plan: dict[str, Any] = read_plan(planned.path)
    left = {**plan, "continuation": 1, "trials": plan["trials"][1:]}
    output = TrialsOutput(left, planned.path, lambda *_: None, None)
    found = output.found
    assert (found[CELLS[0]].ended, found[CELLS[0]].rps) == (1, 50.0)
    assert found[CELLS[1]].ended == 0


@pytest.mark.parametrize(
    ("severity", "rate", "verdict"),
    [
        (Severity.BOUND, "≥ 221.3", "capped"),
        (Severity.VOID, "221.3", "void: capped"),
        (Severity.FAILED, "221.3", "failed: capped"),
        (Severity.NOTE, "221.3", "capped"),
    ],
)
def test_a_rate_that_is_not_what_it_seems_says_so(
    planned: RunFiles, severity: Severity, rate: str, verdict: str
) -> None:
    """As in the table: "at least" has its sign, void and failed their words, whatever the colours."""
    found = Found("c-w1", 3, 2, 221.3, ("capped",), severity)
    assert progress_shown.outcome(found) == f"    {rate} req/s over 2 of 3 trials; {verdict}"
    progress = Progress(read_plan(planned.path), 0.0)
    progress.found = {"c-w1": found}
    row = progress_shown.table(progress, 80, 24)[1].plain
    assert row.split("  ")[-2:] == [rate, verdict]
