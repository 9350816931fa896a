"""What runs out of this checkout's .tripod/ on this machine, found without Tripod's own code; free ports."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

from conftest import ROOT


def processes(part: str = "") -> dict[int, str]:
    """Return PID → command line of the processes out of .tripod/ whose command line has `part`."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if f"{ROOT}/.tripod/" in line and part in line:
            found[int(process.name)] = line
    return found


def kill(part: str) -> None:
    """Kill the processes whose command line has `part`; at least one must be there."""
    found = processes(part)
    assert found, f"no process of .tripod/ has {part!r} in its command line: {processes()}"
    for pid in found:
        os.kill(pid, signal.SIGKILL)


def free_ports() -> tuple[int, int]:
    """Return two ports that nobody listens on, so that tests disturb nothing that runs here."""
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


APP_PORT, DB_PORT = free_ports()
PORTS = ("-e", f"app_port={APP_PORT}", "-e", f"db_port={DB_PORT}")
