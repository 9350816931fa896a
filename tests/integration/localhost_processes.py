"""What runs out of this checkout's own place, found without Tripod's own code, and its ports."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from free_ports import free_port
from playbook_runs import ROOT

from tripod.inputs import place

HOME = place.home(ROOT)
"""Where runs on this machine keep what they make: .tripod/, but for root's closed checkout."""


def processes(part: str = "", home: Path = HOME) -> dict[int, str]:
    """Return PID → command line of the processes out of that place whose command line has `part`."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if f"{home}/" in line and part in line:
            found[int(process.name)] = line
    return found


def kill(part: str) -> None:
    """Kill the processes whose command line has `part`; at least one must be there."""
    found = processes(part)
    assert found, f"no process of {HOME} has {part!r} in its command line: {processes()}"
    for pid in found:
        os.kill(pid, signal.SIGKILL)


APP_PORT, DB_PORT = free_port(), free_port()
PORTS = ("-e", f"app_port={APP_PORT}", "-e", f"db_port={DB_PORT}")
