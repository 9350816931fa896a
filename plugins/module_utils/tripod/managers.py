"""Start, stop and look at Tripod's services, whichever service manager a host has."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .supervisor import LOG_LINES, Supervisor


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its exit code is the caller's to judge."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


class Systemd:
    """Services as systemd units `tripod-*.service`."""

    def stop_all(self) -> None:
        """Stop every unit of Tripod; systemd kills what does not end in time."""
        run("systemctl", "stop", "tripod-*.service")
        run("systemctl", "reset-failed", "tripod-*.service")

    def end(self) -> None:
        """Stop every unit of Tripod; systemd itself stays."""
        self.stop_all()

    def running(self) -> list[str]:
        """Return the names of the units that still run."""
        states = "--state=active,activating,deactivating"
        listed = run("systemctl", "list-units", "--plain", "--no-legend", states, "tripod-*.service")
        return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]

    def start(self, name: str) -> str | None:
        """Start a unit; return what went wrong."""
        done = run("systemctl", "start", name)
        return None if done.returncode == 0 else done.stderr.strip()

    def stop(self, name: str) -> None:
        """Stop a unit."""
        run("systemctl", "stop", name)

    def main_pid(self, name: str) -> int | None:
        """Return the main PID while the unit is active."""
        shown = run("systemctl", "show", "-P", "MainPID", name).stdout.strip()
        return int(shown) if shown.isdigit() and int(shown) > 0 else None

    def log_tail(self, name: str) -> list[str]:
        """Return the last lines that the unit's latest start wrote."""
        invocation = run("systemctl", "show", "-P", "InvocationID", name).stdout.strip()
        which = [f"_SYSTEMD_INVOCATION_ID={invocation}"] if invocation else ["-u", name]
        return run("journalctl", "-q", "-o", "cat", "-n", str(LOG_LINES), *which).stdout.splitlines()


Manager = Systemd | Supervisor


def manager(kind: str, root: str) -> Manager:
    """Return the manager that the inventory names."""
    return Systemd() if kind == "systemd" else Supervisor(Path(root))
