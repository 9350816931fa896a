"""Whether a process of Tripod runs on this host that no service manager keeps, and which."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

# The kernel takes a moment to end a killed process that has much memory, and more of it on a busy host.
GONE_S = 5.0


class ProcessLock:
    """The process inherits a locked file that holds its PID, so no PID is ever stale."""

    def __init__(self, path: Path, name: str) -> None:
        """Use the lock file at `path`; `name` is what people are told of the process."""
        self.path = path
        self._name = name

    def hold(self) -> int:
        """Return a locked descriptor for the process to inherit.

        Nobody else may take the lock, or say who is killed.

        Raises:
            BlockingIOError: if another one holds it.

        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.fchmod(descriptor, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        return descriptor

    def holder(self) -> int | None:
        """Return the PID of who holds the lock; None if nobody does, or the PID is not there yet."""
        if not self.path.exists():
            return None
        with self.path.open("r+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with suppress(ValueError):
                    return int(lock.read())
        return None

    def kill(self) -> bool:
        """Kill who holds the lock, and wait until that process is gone; return whether there was one.

        Raises:
            TimeoutError: if it is still there after `GONE_S`.

        """
        end = time.monotonic() + GONE_S
        found = False
        while self._held_and_killed():
            found = True
            if time.monotonic() > end:
                raise TimeoutError(f"{self._name}, which was killed, is still there after {GONE_S:g} s")
            time.sleep(0.01)
        return found

    def _held_and_killed(self) -> bool:
        """Return whether the lock is held; kill who holds it, by the PID that stands there by now."""
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
