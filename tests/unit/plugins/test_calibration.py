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


def test_a_loop_that_waited_for_its_core_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others had the core for 60 ms of the first loop: the next ones tell what the host can do."""
    looks = iter([0.0, 0.0605, 0.061, 0.0616])
    monkeypatch.setattr(calibration, "LOOPS", 3)
    monkeypatch.setattr(time, "perf_counter", lambda: next(looks))
    assert calibration.best_s() == pytest.approx(0.0005)


def test_a_slow_host_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the most CPU time that it may take no loop begins."""
    looks, used = iter([0.0, 0.03, 0.06]), iter([0.0, 0.03, 0.06])
    monkeypatch.setattr(time, "perf_counter", lambda: next(looks))
    monkeypatch.setattr(time, "thread_time", lambda: next(used))
    assert calibration.best_s() == pytest.approx(0.03)
