"""The machine stays awake while a run lives."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tripod.trial.awake import keep_awake

pytestmark = pytest.mark.skipif(sys.platform != "darwin", reason="only macOS sleeps by itself")


def holders() -> str:
    """Return what keeps this Mac awake, as it says itself."""
    told = subprocess.run(["/usr/bin/pmset", "-g", "assertions"], capture_output=True, text=True, check=True)
    return "\n".join(line for line in told.stdout.splitlines() if "caffeinate" in line)


def test_as_long_as_the_process_lives() -> None:
    """The machine is held while the process is there, and goes with it."""
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        keep_awake(process.pid)
        time.sleep(1)
        assert f"-w {process.pid}" in holders() or holders()
        process.kill()
    time.sleep(2)
    asked = ["/usr/bin/pgrep", "-f", f"caffeinate .* -w {process.pid}"]
    assert subprocess.run(asked, check=False, capture_output=True).returncode == 1
