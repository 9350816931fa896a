"""Start, stop and look at Tripod's services under supervisor: on localhost, without root."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from configparser import RawConfigParser
from contextlib import suppress
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

LOG_LINES = 40
# A program has its `stop_seconds`, 5, before supervisord kills it; supervisord's own end comes on top.
END_S = 9.0
_LOOK_S = 0.01
# What services inherit: no proxy, no WEB_CONCURRENCY, nothing of the caller's that would change a server.
INHERITED = ("HOME", "LANG", "TMPDIR", "USER", "OBJC_DISABLE_INITIALIZE_FORK_SAFETY")


def _command_line(pid: int) -> str:
    """Return a process's command line; empty if it is gone, or a zombie."""
    if Path("/proc/self").exists():  # ps takes 30 ms, and is asked several times in a trial
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
        return ""
    ps = ["ps", "-ww", "-o", "stat=,args=", "-p", str(pid)]  # -ww: COLUMNS would cut the line
    shown = subprocess.run(ps, capture_output=True, text=True, check=False).stdout
    return "" if shown.startswith("Z") else shown


class Supervisor:
    """Services as programs of a supervisord that starts with the first trial and ends with the run."""

    def __init__(self, root: Path) -> None:
        """Use the configuration that deploy wrote under `root`."""
        self._home = root / "supervisor"
        self._configuration = self._home / "supervisord.conf"

    def _control(self) -> Any:
        """Return supervisord's own interface, over its socket; one call costs about a millisecond."""
        # Here, since systemd hosts have no supervisor.
        from supervisor.xmlrpc import SupervisorTransport  # noqa: PLC0415

        settings = RawConfigParser(inline_comment_prefixes=(";",))
        settings.read(self._configuration, encoding="utf-8")
        transport = SupervisorTransport(None, None, settings["supervisorctl"]["serverurl"])
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def _daemon(self) -> int | None:
        """Return supervisord's PID while it runs; it may have left its PID file behind."""
        try:
            pid = int((self._home / "supervisord.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return pid if self._is_daemon(pid) else None

    def _is_daemon(self, pid: int) -> bool:
        return str(self._configuration) in _command_line(pid)

    def stop_all(self) -> None:
        """Stop every program; supervisord stays for the next trial."""
        if self._daemon() is None:
            return
        try:
            self._stop(self._running())
        except (Fault, OSError):  # it is ending already, or does not answer
            self.end()

    def end(self) -> None:
        """End supervisord, which stops every program first."""
        pid = self._daemon()
        if pid is None:
            return
        with suppress(Fault, OSError):
            self._stop(self._running())
            self._control().shutdown()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + END_S
        while self._is_daemon(pid) and time.monotonic() < end:  # it removes its PID file before it ends
            time.sleep(_LOOK_S)
            with suppress(Fault, OSError):
                self._control().getState()

    def running(self) -> list[str]:
        """Return the names of the programs that still run."""
        if self._daemon() is None:
            return []
        try:
            return self._running()
        except (Fault, OSError) as error:
            return [f"supervisord, which does not answer ({error})"]

    def _running(self) -> list[str]:
        return [known["name"] for known in self._control().getAllProcessInfo() if known["pid"]]

    def start(self, name: str) -> str | None:
        """Start a program, and supervisord if need be; return what went wrong."""
        if self._daemon() is None and (wrong := self._start_daemon()):
            return wrong
        (self._home / f"{name}.log").unlink(missing_ok=True)
        try:
            self._control().startProcess(name)
        except Fault as fault:
            return f"supervisor: {fault.faultString}"
        except OSError as error:
            return f"supervisord does not answer: {error}"
        return None

    def stop(self, name: str) -> None:
        """Stop a program; one that does not run is no fault."""
        with suppress(Fault, OSError):
            self._stop([name])

    def _stop(self, names: list[str]) -> None:
        """Stop programs, and wait until they have ended.

        supervisord's own waiting takes up to a second more: it looks whether a program has ended when `poll`
        returns, and each call makes it return.
        """
        control = self._control()
        for name in names:
            with suppress(Fault):
                control.stopProcess(name, False)  # noqa: FBT003 - XML-RPC has no names
        end = time.monotonic() + END_S
        while any(control.getProcessInfo(name)["pid"] for name in names) and time.monotonic() < end:
            time.sleep(_LOOK_S)

    def _start_daemon(self) -> str | None:
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        done = subprocess.run(
            [str(Path(sys.executable).parent / "supervisord"), "-c", str(self._configuration)],
            env=environment | {"PATH": "/usr/local/bin:/usr/bin:/bin"},
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        if done.returncode != 0:
            return (done.stderr or done.stdout).strip()
        end = time.monotonic() + END_S  # it has forked, but may not listen yet
        while time.monotonic() < end:
            with suppress(Fault, OSError):
                self._control().getState()
                return None
            time.sleep(0.02)
        return f"supervisord did not answer within {END_S:g} s; see {self._home}/supervisord.log"

    def main_pid(self, name: str) -> int | None:
        """Return the program's PID while it runs."""
        try:
            return self._control().getProcessInfo(name)["pid"] or None
        except (Fault, OSError):
            return None

    def log_tail(self, name: str) -> list[str]:
        """Return the last lines of the program's log."""
        with suppress(OSError):
            return (self._home / f"{name}.log").read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
        return []
