"""A machine that measures must not fall asleep for want of somebody who types."""

from __future__ import annotations

import subprocess
import sys


def keep_awake(pid: int) -> None:
    """Keep this machine awake while a process lives; only macOS, which sleeps by itself, needs it."""
    if sys.platform == "darwin":
        subprocess.Popen(
            ["/usr/bin/caffeinate", "-i", "-m", "-s", "-w", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
