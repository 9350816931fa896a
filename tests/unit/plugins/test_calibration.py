"""The fixed work: what it returns, and that it ends."""

from __future__ import annotations

import time

import pytest
from ansible.module_utils.tripod import calibration


def test_it_returns_the_fastest_of_its_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that was interrupted is not what the host can do."""
    looks = iter([0.0, 0.003, 0.004, 0.0061])
    monkeypatch.setattr(calibration, "LOOPS", 3)
    monkeypatch.setattr(time, "perf_counter", lambda: next(looks))
    assert calibration.best_s() == pytest.approx(0.001)


def test_a_slow_host_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the most that it may take no loop begins."""
    looks = iter([0.0, 0.03, 0.06])
    monkeypatch.setattr(time, "perf_counter", lambda: next(looks))
    assert calibration.best_s() == pytest.approx(0.03)
