"""Who listens on a TCP port of this host, as far as the user who asks may see."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

_LISTENING = "0A"
_SHOWN = 120


def holder(port: int) -> str:
    """Return the process that listens on `port`, with its command line; or why it cannot be told."""
    pids = _pids_by_proc(port) if Path("/proc/net/tcp").exists() else _pids_by_lsof(port)
    if not pids:
        return "a process that this user may not see"
    return ", ".join(f"process {pid} ({_command(pid)})" for pid in sorted(pids)[:3])


def _pids_by_proc(port: int) -> set[int]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    pids = set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(descriptor) in inodes:  # noqa: PTH115 - Path.readlink costs three times as much
                pids.add(int(descriptor.parts[2]))
    return pids


def _pids_by_lsof(port: int) -> set[int]:
    with suppress(OSError, subprocess.SubprocessError):
        command = ["lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        return {int(line) for line in done.stdout.split()}
    return set()


def _command(pid: int) -> str:
    with suppress(OSError, subprocess.SubprocessError):
        command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        return done.stdout.strip()[:_SHOWN] or "gone"
    return "its command line cannot be read"
