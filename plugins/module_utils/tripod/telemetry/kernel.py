"""What the Linux kernel counts of a whole host, from the texts of its files in /proc.

Names and units of what is returned are those of docs/telemetry.md. What a kernel does not tell is left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

TICK_US = 1_000_000 // os.sysconf("SC_CLK_TCK")
"""Microseconds in a clock tick, in which /proc/stat counts."""

# Position in a line of /proc/stat, after the name: proc_stat(5). Guest time is in user and nice already.
_CPU = {"user": (0, 1), "system": (2, 5, 6), "idle": (3,), "iowait": (4,), "steal": (7,)}
# Column of /proc/net/dev, after the name: received bytes and packets, sent bytes and packets.
_DEVICE = {"received_bytes": 0, "received_packets": 1, "sent_bytes": 8, "sent_packets": 9}
# What /proc/net/snmp and /proc/net/netstat call them.
_TCP = {
    "Tcp.ActiveOpens": "tcp_opened",
    "Tcp.PassiveOpens": "tcp_accepted",
    "Tcp.RetransSegs": "tcp_retransmits",
    "TcpExt.ListenOverflows": "tcp_listen_overflows",
    "TcpExt.ListenDrops": "tcp_listen_drops",
    "TcpExt.TCPSynRetrans": "tcp_syn_retransmits",
    "TcpExt.TCPTimeouts": "tcp_timeouts",
}


def cpu(text: str) -> Iterator[tuple[str, int]]:
    """Give the times of each core that may be used, in microseconds, and the context switches, of /proc/stat.

    The kernel shows a host that is kept to some cores, by its cpuset or affinity, those of the whole machine.
    LXC may show only those that it has, counted from 0: then all are its own.
    """
    lines, may_use = text.splitlines(), {f"cpu{core}" for core in os.sched_getaffinity(0)}
    # of the name alone: the line of interrupts has thousands of fields
    names = (line.partition(" ")[0] for line in lines)
    shown = {name for name in names if name.startswith("cpu") and name != "cpu"}
    own = shown & may_use if len(shown) > len(may_use) else shown
    for line in lines:
        name, *fields = line.split()
        if name in own:
            for kind, places in _CPU.items():
                yield f"{name}_{kind}_us", sum(int(fields[at]) for at in places) * TICK_US
        elif name == "ctxt":
            yield "context_switches", int(fields[0])


def load(text: str) -> Iterator[tuple[str, int]]:
    """Give the load average over a minute, of /proc/loadavg, in hundredths."""
    yield "load_1m_hundredths", round(float(text.split(maxsplit=1)[0]) * 100)


def memory(text: str) -> Iterator[tuple[str, int]]:
    """Give the memory that programs could not have any more, of /proc/meminfo."""
    known = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    total, available = (int(known[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
    yield "memory_used_kb", total - available


def pressure(of: str) -> Callable[[str], Iterator[tuple[str, int]]]:
    """Return what reads /proc/pressure/`of`: how long some process has waited for it, in microseconds."""

    def read(text: str) -> Iterator[tuple[str, int]]:
        for line in text.splitlines():
            if line.startswith("some "):
                yield f"pressure_{of}_us", int(line.rpartition("total=")[2])

    return read


def network(text: str) -> Iterator[tuple[str, int]]:
    """Give bytes and packets of /proc/net/dev: of loopback, and of all other interfaces together."""
    sums = {f"{where}_{name}": 0 for where in ("loopback", "network") for name in _DEVICE}
    for line in text.splitlines()[2:]:
        name, _, rest = line.partition(":")
        where, fields = "loopback" if name.strip() == "lo" else "network", rest.split()
        for kind, at in _DEVICE.items():
            sums[f"{where}_{kind}"] += int(fields[at])
    yield from sums.items()


def tcp(text: str) -> Iterator[tuple[str, int]]:
    """Give what /proc/net/snmp or /proc/net/netstat tell of TCP: a line of names, then one of values."""
    lines = iter(text.splitlines())
    for names, values in zip(lines, lines, strict=False):
        part, *rest = names.split()
        for name, value in zip(rest, values.split()[1:], strict=False):
            known = _TCP.get(f"{part.rstrip(':')}.{name}")
            if known:
                yield known, int(value)


SOURCES: Mapping[str, Callable[[str], Iterator[tuple[str, int]]]] = {
    "/proc/stat": cpu,
    "/proc/loadavg": load,
    "/proc/meminfo": memory,
    "/proc/pressure/cpu": pressure("cpu"),
    "/proc/pressure/memory": pressure("memory"),
    "/proc/pressure/io": pressure("io"),
    "/proc/net/dev": network,
    "/proc/net/snmp": tcp,
    "/proc/net/netstat": tcp,
}
"""File → what reads its text."""


class Kernel:
    """The files of `SOURCES`, kept open: opening one costs more than reading it."""

    def __init__(self) -> None:
        """Open what this kernel has; one without PSI, or with it switched off, has none of its files."""
        self._open = {}
        for path in SOURCES:
            with suppress(OSError):
                self._open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def counters(self) -> dict[str, int]:
        """Return all counters, by name."""
        found: dict[str, int] = {}
        for path, descriptor in self._open.items():
            with suppress(OSError, ValueError, KeyError, IndexError):
                found.update(SOURCES[path](whole(descriptor)))
        return found


def whole(descriptor: int) -> str:
    """Return all of an open file of /proc, or of a cgroup; raises OSError where what it tells of is gone."""
    size = 1 << 16
    while len(content := os.pread(descriptor, size, 0)) == size:
        size *= 4
    return content.decode("utf-8", "replace")
