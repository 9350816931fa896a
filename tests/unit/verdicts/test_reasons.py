"""Reason codes."""

from __future__ import annotations

import pytest

from tripod.verdicts import reasons


@pytest.mark.parametrize(
    ("rps", "ceiling", "given"),
    [
        (216.0, 240.0, True),
        (215.9, 240.0, False),
        (240.0, 240.0, True),
        (223.0, None, False),
        (None, 240.0, False),
    ],
)
def test_capped_within_a_tenth_of_the_ceiling(
    rps: float | None, ceiling: float | None, *, given: bool
) -> None:
    """`capped` is given from 90 % of the ceiling on, and never without a ceiling or a rate."""
    assert reasons.capped(rps, ceiling) is given


@pytest.mark.parametrize(("requests", "checks", "given"), [(0, 0, False), (1, 0, True), (0, 1, True)])
def test_one_failed_request_or_check_is_errors(requests: int, checks: int, *, given: bool) -> None:
    """A single failed request or check is enough for `errors`."""
    assert reasons.errors(requests, checks) is given


@pytest.mark.parametrize(
    ("rates", "given"),
    [
        ([], False),
        ([100.0], False),
        ([100.0, 101.0, 99.0], False),
        ([80.0, 100.0, 120.0], True),
        ([0.0, 0.0], False),
        # deviation 15 % of the mean by itself, and one trial 60 % off in many
        ([100.0] * 60 + [160.0], True),
    ],
)
def test_wide_spread_as_pyperf_warns(rates: list[float], *, given: bool) -> None:
    """`wide-spread`: deviation of a tenth of the mean, or one trial half off it; one trial alone has none."""
    assert reasons.wide_spread(rates) is given


def test_every_reason_explains_itself() -> None:
    """Each code has a meaning and a remedy; those that a figure decides a threshold, a unit and a source."""
    for code, reason in reasons.REASONS.items():
        assert code == reason.code
        assert reason.meaning in reasons.note(code)
        assert reason.remedy in reasons.note(code)
        if not reason.failed:
            assert reason.threshold is not None
            assert reason.unit
            assert reason.source


def test_an_unknown_code_points_to_the_record() -> None:
    """A code that a later version gives is shown with where to look."""
    assert "record.json" in reasons.note("from-the-future")
