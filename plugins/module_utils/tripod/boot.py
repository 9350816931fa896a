"""Which boot of this machine it is: what names it is another after each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def boot_id() -> str | None:
    """Return its name; None where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip() or None
    except OSError:
        pass
    if sys.platform != "darwin":
        return None
    command = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    return done.stdout.strip() or None
