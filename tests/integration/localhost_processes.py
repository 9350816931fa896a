"""What runs out of this checkout's .tripod/, found without Tripod's own code, and its ports."""

from __future__ import annotations

import os
import signal

import psutil
from free_ports import free_port
from playbook_runs import ROOT


def processes(part: str = "") -> dict[int, str]:
    """Return PID → command line of the processes out of .tripod/ whose command line has `part`."""
    lines = {
        process.pid: " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])
    }
    return {pid: line for pid, line in lines.items() if f"{ROOT}/.tripod/" in line and part in line}


def kill(part: str) -> None:
    """Kill the processes whose command line has `part`; at least one must be there."""
    found = processes(part)
    assert found, f"no process of .tripod/ has {part!r} in its command line: {processes()}"
    for pid in found:
        os.kill(pid, signal.SIGKILL)


APP_PORT, DB_PORT = free_port(), free_port()
PORTS = ("-e", f"app_port={APP_PORT}", "-e", f"db_port={DB_PORT}")
