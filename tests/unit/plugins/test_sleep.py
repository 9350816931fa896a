"""How long a machine has slept: real clocks, moved apart where the kernel can."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible.module_utils.tripod.sleep import slept_s

PLACE = Path(__file__).parents[3] / "plugins" / "module_utils"

TELL = f"import sys; sys.path.insert(0, {str(PLACE / 'tripod')!r}); import sleep; print(sleep.slept_s())"


def test_a_machine_that_is_awake_does_not_sleep() -> None:
    """Both clocks go on at one pace: between two looks the difference is nothing that the rule would see."""
    before = slept_s()
    time.sleep(0.2)
    assert abs(slept_s() - before) < 0.5


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None or not Path("/proc/self/ns/time").exists(),
    reason="only root on Linux can set clocks apart",
)
def test_a_clock_that_went_on_is_seen() -> None:
    """Where the clock that counts sleep is an hour ahead, that hour was slept."""
    ahead = ["unshare", "--time", "--boottime", "3600", "--fork", sys.executable, "-c", TELL]
    told = subprocess.run(ahead, check=True, capture_output=True, text=True, timeout=30).stdout
    assert float(told) - slept_s() == pytest.approx(3600, abs=5)
