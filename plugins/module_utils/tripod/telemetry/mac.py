"""The same of macOS, which has no /proc: through psutil, where the interpreter that samples has it."""

from __future__ import annotations

from typing import Any

US = 1_000_000
_NICE = ("user", "nice")


def available() -> bool:
    """Return whether psutil can be used."""
    try:
        import psutil  # noqa: F401, PLC0415 - hosts with /proc need none
    except ImportError:
        return False
    return True


class Kernel:
    """What macOS counts of the whole host; it has no PSI, no steal, and psutil knows no TCP counters."""

    def counters(self) -> dict[str, int]:
        """Return all counters, by name; without psutil there are none."""
        if not available():
            return {}
        import psutil  # noqa: PLC0415 - as above

        found: dict[str, int] = {}
        for core, times in enumerate(psutil.cpu_times(percpu=True)):
            found[f"cpu{core}_user_us"] = round(sum(getattr(times, kind, 0.0) for kind in _NICE) * US)
            found[f"cpu{core}_system_us"] = round(times.system * US)
            found[f"cpu{core}_idle_us"] = round(times.idle * US)
        memory = psutil.virtual_memory()
        found["memory_used_kb"] = (memory.total - memory.available) // 1024
        found["load_1m_hundredths"] = round(psutil.getloadavg()[0] * 100)
        found["context_switches"] = psutil.cpu_stats().ctx_switches
        for where in ("loopback", "network"):
            found |= dict.fromkeys((f"{where}_{name}" for name in _COUNTED.values()), 0)
        for name, counted in psutil.net_io_counters(pernic=True).items():
            where = "loopback" if name.startswith("lo") else "network"
            for theirs, ours in _COUNTED.items():
                found[f"{where}_{ours}"] += getattr(counted, theirs)
        return found


_COUNTED = {
    "bytes_recv": "received_bytes",
    "packets_recv": "received_packets",
    "bytes_sent": "sent_bytes",
    "packets_sent": "sent_packets",
}


class Service:
    """A service and its descendants."""

    def __init__(self, main_pid: int, _name: str) -> None:
        """Follow the service of this main PID."""
        self._main = main_pid

    def sample(self) -> dict[str, Any] | None:
        """Return its counters, and the CPU time of each process; None if it is gone, or without psutil."""
        if not available():
            return None
        import psutil  # noqa: PLC0415 - as above

        found: dict[int, tuple[int, int, int]] = {}
        try:
            main = psutil.Process(self._main)
            for process in [main, *main.children(recursive=True)]:
                times = process.cpu_times()
                found[process.pid] = (
                    round((times.user + times.system) * US),
                    process.memory_info().rss,
                    process.num_threads(),
                )
        except psutil.Error:
            if not found:
                return None
        return {
            # macOS does not tell what children had used that have ended.
            "cpu_us": sum(used for used, _, _ in found.values()),
            "memory_bytes": sum(memory for _, memory, _ in found.values()),
            "processes": len(found),
            "threads": sum(threads for _, _, threads in found.values()),
            "of": {pid: used for pid, (used, _, _) in found.items()},
        }

    def close(self) -> None:
        """Nothing is kept open."""
