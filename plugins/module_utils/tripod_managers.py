"""Start, stop and look at Tripod's services under systemd or supervisor; and k6, which runs under neither."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

LOG_LINES = 40
STOP_S = 9.0


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its exit code is the caller's to judge."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


class Systemd:
    """Services as systemd units `tripod-*.service`."""

    def stop_all(self) -> None:
        """Stop every unit of Tripod, killing what does not end in time."""
        run("systemctl", "stop", "tripod-*.service")
        run("systemctl", "reset-failed", "tripod-*.service")

    def running(self) -> list[str]:
        """Return the names of the units that still run."""
        listed = run(
            "systemctl",
            "list-units",
            "--plain",
            "--no-legend",
            "--state=active,deactivating",
            "tripod-*.service",
        )
        return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]

    def start(self, name: str) -> str | None:
        """Start a unit; return what went wrong."""
        done = run("systemctl", "start", name)
        return None if done.returncode == 0 else done.stderr.strip()

    def main_pid(self, name: str) -> int | None:
        """Return the main PID while the unit is active."""
        shown = run("systemctl", "show", "-P", "MainPID", name).stdout.strip()
        return int(shown) if shown.isdigit() and int(shown) > 0 else None

    def log_tail(self, name: str) -> list[str]:
        """Return the last lines that the unit's latest start wrote."""
        invocation = run("systemctl", "show", "-P", "InvocationID", name).stdout.strip()
        which = [f"_SYSTEMD_INVOCATION_ID={invocation}"] if invocation else ["-u", name]
        return run("journalctl", "-q", "-o", "cat", "-n", str(LOG_LINES), *which).stdout.splitlines()


class Supervisor:
    """Services as programs of a supervisord that lives as long as a trial."""

    def __init__(self, root: Path) -> None:
        """Use the configuration that deploy wrote under `root`."""
        self._home = root / "supervisor"
        self._bin = Path(sys.executable).parent

    def _control(self, *command: str) -> subprocess.CompletedProcess[str]:
        return run(str(self._bin / "supervisorctl"), "-c", str(self._home / "supervisord.conf"), *command)

    def _daemon(self) -> int | None:
        """Return supervisord's PID if it runs: it holds the PID file only while it lives."""
        try:
            pid = int((self._home / "supervisord.pid").read_text(encoding="ascii"))
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid if "supervisord" in run("ps", "-o", "args=", "-p", str(pid)).stdout else None

    def stop_all(self) -> None:
        """End supervisord, which stops every program first."""
        pid = self._daemon()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + STOP_S + 10
        while self._daemon() is not None and time.monotonic() < end:
            time.sleep(0.05)

    def running(self) -> list[str]:
        """Return `supervisord` if it would not end."""
        return ["supervisord"] if self._daemon() is not None else []

    def start(self, name: str) -> str | None:
        """Start a program, and supervisord if need be; return what went wrong."""
        if self._daemon() is None:
            clean = {key: os.environ[key] for key in ("HOME", "LANG", "TMPDIR", "USER") if key in os.environ}
            environment = clean | {"PATH": "/usr/local/bin:/usr/bin:/bin", **_fork_safety()}
            command = [str(self._bin / "supervisord"), "-c", str(self._home / "supervisord.conf")]
            done = subprocess.run(
                command,
                env=environment,
                cwd=self._home,
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
            )
            if done.returncode != 0:
                return (done.stderr or done.stdout).strip()
        (self._home / f"{name}.log").unlink(missing_ok=True)
        done = self._control("start", name)
        return None if done.returncode == 0 else (done.stdout + done.stderr).strip()

    def main_pid(self, name: str) -> int | None:
        """Return the program's PID while it runs."""
        shown = self._control("pid", name).stdout.strip()
        return int(shown) if shown.isdigit() and int(shown) > 0 else None

    def log_tail(self, name: str) -> list[str]:
        """Return the last lines of the program's log."""
        with suppress(OSError):
            return (self._home / f"{name}.log").read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
        return []


def _fork_safety() -> dict[str, str]:
    name = "OBJC_DISABLE_INITIALIZE_FORK_SAFETY"
    return {name: os.environ[name]} if name in os.environ else {}


def manager(kind: str, root: str) -> Systemd | Supervisor:
    """Return the manager that the inventory names."""
    return Systemd() if kind == "systemd" else Supervisor(Path(root))


class K6Lock:
    """Knows whether a k6 of Tripod runs.

    k6 inherits a locked file that holds its PID, so no PID is ever stale.
    """

    def __init__(self, root: str) -> None:
        """Use the lock file under `root`."""
        self.path = Path(root) / "k6.lock"

    def hold(self) -> int:
        """Return a locked descriptor for k6 to inherit.

        Raises:
            BlockingIOError: if another k6 holds it.

        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        return descriptor

    def kill(self) -> bool:
        """Kill the k6 that holds the lock, if any; return whether there was one."""
        if not self.path.exists():
            return False
        with self.path.open("r+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with suppress(ValueError, ProcessLookupError):
                    os.killpg(int(lock.read()), signal.SIGKILL)
                return True
        return False
