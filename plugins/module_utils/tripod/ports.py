"""Who listens on a TCP port of this host, and where a service does, as far as the user who asks may see."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

_LISTENING = "0A"
_SHOWN = 120
# Hexadecimal digits of a 32-bit word of an address in /proc/net.
_WORD = 8
_ANY = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - what is looked for, and not listened on

Place = tuple[str, int]
"""An address as text, and a port."""


def holder(port: int) -> str:
    """Return the process that listens on `port`, with its command line; or why it cannot be told."""
    pids = _pids_by_proc(port) if Path("/proc/net/tcp").exists() else _pids_by_lsof(port)
    if not pids:
        return "a process that this user may not see"
    return ", ".join(f"process {pid} ({_command(pid)})" for pid in sorted(pids)[:3])


def places(main_pid: int) -> list[Place]:
    """Return where a service listens: its main process, what that started, and what is in its process group.

    TCP only: a Unix socket or UDP is no way for load or database traffic.
    """
    by_proc = Path("/proc/net/tcp").exists()
    found = _places_by_proc(main_pid) if by_proc else _places_by_lsof(main_pid)
    return sorted(set(found))


def _places_by_proc(main_pid: int) -> Iterable[Place]:
    listeners = _listeners(f"/proc/{main_pid}/net")
    for pid in _members(main_pid, _relations()):
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            with suppress(OSError):
                held = os.readlink(descriptor)  # noqa: PTH115 - as below
                if held in listeners:
                    yield listeners[held]


def _relations() -> dict[int, set[int]]:
    """Return of every process its parent, its process group and its session."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The command's name comes before, in brackets, and may hold anything.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            found[int(stat.parts[2])] = {int(number) for number in fields[1:4]}
    return found


def _members(main_pid: int, relations: Mapping[int, set[int]]) -> set[int]:
    """Return a service's processes: all that a chain of such relations leads from to its main process."""
    members = {main_pid}
    while grown := {pid for pid, related in relations.items() if related & members} - members:
        members |= grown
    return members


def _places_by_lsof(main_pid: int) -> Iterable[Place]:
    with suppress(OSError, subprocess.SubprocessError):
        command = ["lsof", "-nP", "-R", "-iTCP", "-sTCP:LISTEN", "-FpgRtn"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        return _told_by_lsof(done.stdout, main_pid)
    return []


def _told_by_lsof(text: str, main_pid: int) -> list[Place]:
    """Return a service's places among all: a process's `p`, `g`, `R`, then `t` and `n` of each socket."""
    relations: dict[int, set[int]] = {}
    held: list[tuple[int, Place]] = []
    pid, version = 0, 4
    for line in text.splitlines():
        kind, value = line[:1], line[1:]
        if kind == "p":
            pid = int(value)
            relations[pid] = set()
        elif kind in {"g", "R"}:
            relations[pid].add(int(value))
        elif kind == "t":
            version = 6 if value == "IPv6" else 4
        elif kind == "n":
            address, _, port = value.rpartition(":")
            held.append((pid, (_ANY[version] if address == "*" else address.strip("[]"), int(port))))
    members = _members(main_pid, relations)
    return [place for pid, place in held if pid in members]


def _listeners(directory: str) -> dict[str, Place]:
    """Return every listening socket of a network, named as descriptors name it, with its place."""
    found = {}
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (Path(directory) / table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING:
                    found[f"socket:[{fields[9]}]"] = _place(fields[1])
    return found


def _place(text: str) -> Place:
    """Return the place that /proc/net writes as words of the machine's own byte order: 0100007F:1F40."""
    words, _, port = text.partition(":")
    starts = range(0, len(words), _WORD)
    packed = b"".join(int(words[at : at + _WORD], 16).to_bytes(4, sys.byteorder) for at in starts)
    return str(ipaddress.ip_address(packed)), int(port, 16)


def _pids_by_proc(port: int) -> set[int]:
    listeners = {held for held, place in _listeners("/proc/net").items() if place[1] == port}
    pids = set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(descriptor) in listeners:  # noqa: PTH115 - Path.readlink costs three times as much
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
