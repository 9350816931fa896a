"""What runs out of this checkout's own place, found without Tripod's own code, and its ports."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from free_ports import free_port
from playbook_runs import ROOT, Bench

from tripod.inputs import place

HOME = place.home(ROOT)
"""Where runs on this machine keep what they make: .tripod/, but for root's closed checkout."""


def processes(part: str = "", home: Path = HOME) -> dict[int, str]:
    """Return PID → command line of the processes out of that place whose command line has `part`."""
    lines = {
        process.pid: " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])
    }
    return {pid: line for pid, line in lines.items() if f"{home}/" in line and part in line}


def a_worker(part: str) -> int:
    """Return the PID of one of gunicorn's workers: a process whose parent has `part`, too."""
    serving = processes(part)
    return next(pid for pid in serving if psutil.Process(pid).ppid() in serving)


def kill(part: str) -> None:
    """Kill the processes whose command line has `part`; at least one must be there."""
    found = processes(part)
    assert found, f"no process of {HOME} has {part!r} in its command line: {processes()}"
    for pid in found:
        os.kill(pid, signal.SIGKILL)


def held() -> list[str]:
    """Return what there is of this machine's lease."""
    return [str(path) for path in Path("/var/tmp").glob("tripod-lease*")]  # noqa: S108 - its one place


def measuring(bench: Bench, trial: str) -> Callable[[], bool]:
    """Say whether k6 has been at work in the trial for a second."""
    log = HOME / "runs" / bench.run_id / trial / "measure.log"

    def measured() -> bool:
        return log.exists() and time.time() - log.stat().st_mtime > 1

    return measured


APP_PORT, DB_PORT = free_port(), free_port()
PORTS = ("-e", f"app_port={APP_PORT}", "-e", f"db_port={DB_PORT}")
