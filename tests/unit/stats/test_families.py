"""Holm's adjustment."""

from __future__ import annotations

import pytest

from tripod.stats.families import holm


def test_an_example_worked_out_by_hand() -> None:
    """The least counts four times, the next three times, and none less than one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_nothing_is_more_than_certain() -> None:
    """No adjusted value is above 1, and one test alone stays as it is."""
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.04]) == [0.04]
    assert holm([]) == []
