"""`noisy-host`: when the same work counts as having taken a host longer."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from run_files import cell, record

from tripod.stats.figures import Figures
from tripod.verdicts import calibration as calibration_rule
from tripod.verdicts import registry
from tripod.verdicts.evidence import Cell, Trial

FIGURES = Figures(600, 0, {}, 0, 1, 600, 600, {}, {})


def judged(*calibrations: dict[str, Any] | None) -> registry.Verdict:
    """Return the verdict on a cell with a trial for each of these calibrations; None is an earlier record."""
    trials = []
    for repeat, calibration in enumerate(calibrations, start=1):
        told = record(f"a-r{repeat}") | {"calibration": calibration}
        if calibration is None:
            del told["calibration"]
        trials.append(Trial(f"a-r{repeat}", "a", told, FIGURES))
    fastest = calibration_rule.fastest_of_run(trials)
    return registry.judge(Cell(cell("sync-gunicorn"), tuple(trials), {}, fastest))


def took(before_ms: float | None, after_ms: float | None) -> dict[str, float | None]:
    """Return what a host's calibrations took."""
    return {
        "before_s": None if before_ms is None else before_ms / 1000,
        "after_s": None if after_ms is None else after_ms / 1000,
    }


@pytest.mark.parametrize(
    ("calibrations", "given"),
    [
        ([{"a": took(1, 1)}, {"a": took(1.09, 1.09)}], False),
        ([{"a": took(1, 1)}, {"a": took(1.101, 1.3)}], True),
        ([{"a": took(1.3, 1.101)}, {"a": took(1, 1)}], True),
        # a slow moment at one of the two is not a slow trial
        ([{"a": took(1, 1.5)}, {"a": took(1.5, 1)}], False),
        # hosts are compared with themselves alone
        ([{"a": took(1, 1), "b": took(3, 3)}] * 2, False),
        ([{"a": took(1, None)}, {"a": took(None, 1.09)}], False),
        ([{"a": took(1, None)}, {"a": took(None, 1.2)}], True),
    ],
)
def test_a_host_is_noisy_from_ten_per_cent_on(calibrations: list[dict[str, Any]], *, given: bool) -> None:
    """10 % more than the fastest time of the same host is a note, a little less is none."""
    verdict = judged(*calibrations)
    assert ("noisy-host" in verdict.codes) is given
    assert "noisy-host" not in verdict.not_judged


@pytest.mark.parametrize("calibration", [None, {}, {"a": took(1, 2)}, {"a": took(None, None)}])
def test_one_trial_compares_with_nothing(calibration: dict[str, Any] | None) -> None:
    """An earlier record, or a host that was timed around one trial alone, is not judged."""
    assert "noisy-host" in judged(calibration).not_judged


def test_a_trial_is_compared_with_those_of_other_cells() -> None:
    """Twelve of a run's trials were as fast as its host can be; the only one of this cell was not."""
    slow, *others = (
        Trial(f"a-r{repeat}", "a", record(f"a-r{repeat}") | {"calibration": {"a": took(ms, ms)}}, FIGURES)
        for repeat, ms in enumerate((1.2, *(1.0,) * 12), start=1)
    )
    fastest = calibration_rule.fastest_of_run([slow, *others])
    known = Cell(cell("sync-gunicorn"), (slow,), {}, fastest)
    assert "noisy-host" in registry.judge(known).codes


def test_a_cell_without_figures_is_not_judged() -> None:
    """What a failed cell's hosts did stands beside no number."""
    failed = dataclasses.replace(Trial("a-r1", "a", record("a-r1")), failure=("k6-failed",))
    assert "noisy-host" in registry.judge(Cell(cell("sync-gunicorn"), (failed,))).not_judged
