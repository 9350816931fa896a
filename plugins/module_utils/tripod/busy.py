"""Which processes of a host compute though nothing of a run does: for a moment, by /proc; on macOS by ps."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

# How long processes are watched. Clock ticks are of 10 ms, so a share is exact to 4 % of a core.
WATCHED_S = 0.25
# Of a core; what idles in a host (timers, an agent) stays below.
LEAST_SHARE = 0.1
MOST_NAMED = 3
# What runs a play, and is therefore not strange: on localhost it is beside the module.
OURS = b"ansible-playbook"


def busy(proc: Path = Path("/proc")) -> list[dict[str, Any]] | None:
    """Return the processes that use the most, busiest first: `pid`, `name`, `share` of a core."""
    if sys.platform == "darwin":
        return _by_ps()
    before, begun = _processes(proc), time.monotonic()
    if not before:
        return None
    time.sleep(WATCHED_S)
    after, seconds = _processes(proc), time.monotonic() - begun
    ours = _ours(proc, after)
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    shares = {
        pid: (ticks - before[pid][1]) * tick_s / seconds
        for pid, (_, ticks, _) in after.items()
        if pid in before and pid not in ours
    }
    return _busiest([(pid, after[pid][2], share) for pid, share in shares.items()])


def _busiest(found: list[tuple[int, str, float]]) -> list[dict[str, Any]]:
    busiest = sorted((one for one in found if one[2] >= LEAST_SHARE), key=lambda one: -one[2])
    return [{"pid": pid, "name": name, "share": round(share, 2)} for pid, name, share in busiest[:MOST_NAMED]]


def _processes(proc: Path) -> dict[int, tuple[int, int, str]]:
    """Return process id → its parent, the clock ticks that it has used, its name."""
    found = {}
    for path in proc.glob("[0-9]*/stat"):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it has ended
        # The name stands in brackets, and may have any character.
        head, _, tail = text.rpartition(")")
        fields = tail.split()
        found[int(path.parent.name)] = (
            int(fields[1]),
            int(fields[11]) + int(fields[12]),
            head.partition("(")[2],
        )
    return found


def _ours(proc: Path, processes: dict[int, tuple[int, int, str]]) -> set[int]:
    """Return this process, those that it descends from, and all that belong to a playbook among those."""
    above, pid = {os.getpid()}, os.getpid()
    while (pid := processes.get(pid, (0,))[0]) > 0 and pid not in above:
        above.add(pid)
    plays = {pid for pid in above if OURS in _command(proc, pid)}
    below = set(plays)
    while more := {pid for pid, (parent, _, _) in processes.items() if parent in below} - below:
        below |= more
    return above | below


def _command(proc: Path, pid: int) -> bytes:
    try:
        return (proc / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""


def _by_ps() -> list[dict[str, Any]] | None:
    """Return the same of macOS, where ps tells each process's share of the last minute."""
    shown = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pcpu=,comm="], capture_output=True, text=True, check=False, timeout=10
    )
    rows = [line.split(None, 3) for line in shown.stdout.splitlines()]
    known = {int(row[0]): row for row in rows if len(row) == 4}  # noqa: PLR2004 - the four columns asked for
    ours, pid = {os.getpid()}, os.getpid()
    while pid in known and (pid := int(known[pid][1])) not in ours:
        ours.add(pid)
    return _busiest(
        [
            (pid, Path(row[3]).name, float(row[2].replace(",", ".")) / 100)
            for pid, row in known.items()
            if pid not in ours
        ]
    )
