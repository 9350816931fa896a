"""Start, stop and look at Tripod's services, whichever service manager a host has."""

from __future__ import annotations

import subprocess
from pathlib import Path

from . import units
from .supervisor import LOG_LINES, Supervisor


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its exit code is the caller's to judge."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


class Systemd:
    """Services as systemd units, of which only those that Tripod made are touched."""

    def __init__(self, root: str) -> None:
        """Take the units that the Tripod in `root` made."""
        self._root = root

    def stop_all(self) -> None:
        """Stop every unit of Tripod; systemd kills what does not end in time."""
        if loaded := self._loaded("--all"):
            run("systemctl", "stop", *loaded)
            run("systemctl", "reset-failed", *loaded)

    def end(self) -> None:
        """Stop every unit of Tripod; systemd itself stays."""
        self.stop_all()

    def running(self) -> list[str]:
        """Return the names of the units that still run."""
        return self._loaded("--state=active,activating,deactivating")

    def _loaded(self, which: str) -> list[str]:
        """Return those of our units that systemd has in its memory: all that run or have failed."""
        listed = run("systemctl", "list-units", "--plain", "--no-legend", which, units.GLOB).stdout
        names = [line.split()[0] for line in listed.splitlines() if line.strip()]
        return [name for name in names if units.is_ours(name, self._root)]

    def start(self, name: str) -> str | None:
        """Start a unit; return what went wrong."""
        if not units.is_ours(name, self._root):
            return f"this host has no unit {name} of Tripod's; deploy it: playbooks/deploy.yml"
        done = run("systemctl", "start", name)
        return None if done.returncode == 0 else done.stderr.strip()

    def stop(self, name: str) -> None:
        """Stop a unit, if it is ours."""
        if units.is_ours(name, self._root):
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
    return Systemd(root) if kind == "systemd" else Supervisor(Path(root))
