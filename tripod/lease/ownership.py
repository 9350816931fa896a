"""The tie between this ansible-playbook and those who keep its hosts; it breaks however the process ends.

One end of a pair of sockets is this process's alone: none of its forks has it, so the kernel closes it with
the process, also with one that was killed. The other end is inherited by Ansible's workers, and by the
keepers that they start.
"""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from contextlib import suppress
from typing import Any

from tripod.catalogue import lease

# Each keeper takes one byte.
_RELEASE = b"r" * 256
# A keeper tells its host and ends at once; it waits for one that does not answer.
_RELEASED_S = 6.0


class Ownership:
    """Of one ansible-playbook, over the hosts whose lease it has."""

    def __init__(self) -> None:
        """Belong to the process that calls it."""
        self.token = secrets.token_hex(16)
        self.pid = os.getpid()
        self.user = f"{_user()}@{socket.gethostname()}"
        self._mine, self._keepers = socket.socketpair()
        os.register_at_fork(after_in_child=self._mine.close)

    @property
    def keepers_end(self) -> int:
        """The descriptor that a keeper watches: a byte tells it to release, an end that its owner is gone."""
        return self._keepers.fileno()

    def told(self, playbook: str, run_id: str | None) -> dict[str, Any]:
        """Return what the module that takes the lease of a host is told of this ansible-playbook."""
        who = {"user": self.user, "pid": self.pid, "playbook": playbook, "run_id": run_id}
        return {"token": self.token, "who": who, "silence_s": lease.SILENCE_S}

    def release(self) -> None:
        """Release every host, and wait until their keepers have told them."""
        if self._mine.fileno() < 0 or os.getpid() != self.pid:
            return
        self._keepers.close()
        self._mine.settimeout(_RELEASED_S)
        with suppress(OSError):
            self._mine.sendall(_RELEASE)
            while self._mine.recv(1):
                pass
        self._mine.close()

    def abandon(self) -> None:
        """Keep the hosts no longer, and let them stop by themselves what could not be stopped."""
        if os.getpid() == self.pid:
            self._mine.close()
            self._keepers.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as containers have them
        return str(os.getuid())


class _Process:
    ownership: Ownership | None = None


def begin() -> Ownership:
    """Return the ownership of this process, which the workers have that it forks afterwards."""
    if _Process.ownership is None:
        _Process.ownership = Ownership()
    return _Process.ownership


def current() -> Ownership | None:
    """Return the ownership of the ansible-playbook that this process is, or is a worker of."""
    return _Process.ownership
