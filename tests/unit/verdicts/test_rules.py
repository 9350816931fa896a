"""Single rules at their limits, and what they suggest."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest
from run_files import cell, record

from tripod.stats.figures import Figures
from tripod.verdicts import registry
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.failures import APP_GONE
from tripod.verdicts.rule import Severity


def evidence(*rates: float, ceiling_rps: float | None = 240.0, failed: int = 0, bad_checks: int = 0) -> Cell:
    """Return a cell with a trial of 60 s for each rate; requests or checks failed in each."""
    trials = []
    for repeat, rps in enumerate(rates, start=1):
        ok = round(rps * 60)
        figures = Figures(ok + failed, failed, {}, bad_checks, 1, ok, ok, {}, {})
        trials.append(Trial(f"a-r{repeat}", "a", record(f"a-r{repeat}"), figures))
    return Cell(cell("sync-gunicorn", ceiling_rps=ceiling_rps), tuple(trials))


@pytest.mark.parametrize(
    ("rps", "ceiling_rps", "codes"), [(216, 240, ("capped",)), (215.9, 240, ()), (9_000, None, ())]
)
def test_capped_from_nine_tenths_of_the_ceiling_on(
    rps: float, ceiling_rps: float | None, codes: tuple[str, ...]
) -> None:
    """A rate of 90 % of the ceiling is capped, a little less is not; a load without ceiling caps nothing."""
    assert registry.judge(evidence(rps, ceiling_rps=ceiling_rps)).codes == codes


@pytest.mark.parametrize(
    ("failed", "bad_checks", "codes"), [(0, 0, ()), (1, 0, ("errors",)), (0, 1, ("errors",))]
)
def test_a_single_failure_is_errors(failed: int, bad_checks: int, codes: tuple[str, ...]) -> None:
    """One failed request or check is enough."""
    assert registry.judge(evidence(100, failed=failed, bad_checks=bad_checks)).codes == codes


@pytest.mark.parametrize(
    ("slept", "codes", "judged"),
    [(0.0, (), True), (0.9, (), True), (1.0, ("slept",), True), (None, (), False)],
)
def test_a_trial_that_the_machine_slept_through(
    slept: float | None, codes: tuple[str, ...], *, judged: bool
) -> None:
    """A second of sleep is enough; a record that does not tell, as earlier ones, is not judged."""
    told = evidence(100).trials[0]
    assert told.record
    seconds = {**told.record["seconds"], "slept": slept}
    trial = dataclasses.replace(told, record={**told.record, "seconds": seconds})
    verdict = registry.judge(Cell(cell("sync-gunicorn"), (trial,)))
    assert verdict.codes == codes
    assert ("slept" not in verdict.not_judged) is judged


@pytest.mark.parametrize(
    ("rates", "given"),
    [
        ([100, 101, 99], False),
        ([90, 100, 110], True),
        ([91, 100, 109], False),
        ([0, 0], False),
        # a small deviation, but one trial 60 % off
        ([100] * 60 + [160], True),
    ],
)
def test_wide_spread_as_pyperf_warns(rates: Sequence[float], *, given: bool) -> None:
    """A deviation of a tenth of the mean, or one trial half off it; zero everywhere is no spread."""
    assert ("wide-spread" in registry.judge(evidence(*rates)).codes) is given


def test_one_trial_has_no_spread_to_judge() -> None:
    """With one trial the spread is not judged, which is not the same as narrow."""
    verdict = registry.judge(evidence(100))
    assert verdict.codes == ()
    assert "wide-spread" in verdict.not_judged


def test_a_bound_row_with_errors_is_void() -> None:
    """The worst severity decides."""
    verdict = registry.judge(evidence(230, failed=1))
    assert verdict.codes == ("errors", "capped")
    assert verdict.severity is Severity.VOID


def test_a_failed_trial_costs_the_cell_that_trial() -> None:
    """With a good trial left the cell has not failed; the code is shown."""
    sound = evidence(100)
    gone = Trial("a-r2", "a", None, failure=(APP_GONE.code,))
    verdict = registry.judge(Cell(sound.planned, (*sound.trials, gone)))
    assert verdict.codes == (APP_GONE.code,)
    assert verdict.severity is None


def test_what_a_failed_trial_did_says_nothing_of_the_others() -> None:
    """A machine that slept through a trial that failed for it leaves the good one as it is."""
    sound = evidence(100)
    record = sound.trials[0].record
    assert record
    slept, awake = ({**record, "seconds": {**record["seconds"], "slept": slept}} for slept in (90.0, 0.0))
    good = dataclasses.replace(sound.trials[0], record=awake)
    gone = Trial("a-r2", "a", slept, failure=(APP_GONE.code,))
    verdict = registry.judge(Cell(sound.planned, (good, gone)))
    assert verdict.codes == (APP_GONE.code,)
    assert "slept" not in verdict.not_judged


def row(vus: int, duration_s: float = 20.0, trials: int = 1) -> dict[str, object]:
    """Return a row as far as remedies read it."""
    return {"cell": f"a-v{vus}", "load": {"vus": vus, "duration_s": duration_s}, "trials": trials}


@pytest.mark.parametrize(
    ("used", "suggested"), [([10], "-e vus=20"), ([10, 64], "-e vus=128"), ([15_000], "-e vus=20000")]
)
def test_capped_suggests_more_users_than_any_row_had(used: list[int], suggested: str) -> None:
    """The remedy speaks for all capped rows, and never suggests what the plan would refuse."""
    assert registry.note("capped", [row(vus) for vus in used]).endswith(suggested)


def test_capped_suggests_nothing_beyond_the_most_users() -> None:
    """Where the plan allows no more users, there is no example."""
    assert registry.note("capped", [row(20_000)]).endswith("offer more load")


def test_wide_spread_suggests_longer_and_more_trials() -> None:
    """Twice the length and the repeats that any of the rows had."""
    note = registry.note("wide-spread", [row(10, 5.0, 3), row(10, 2.5, 4)])
    assert note.endswith("-e duration=10s -e repeats=8")
