"""Which runs go on now: each is held by its ansible-playbook, and let go by the kernel however that ends.

A lock on one byte of one file, at a place that follows from the run's name. Of all kinds of locks this one
is no fork's: Ansible's workers, which may outlive their ansible-playbook, do not have it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

from tripod.runs.made import FOLDER

_FILE = "going-on"


class Held:
    """A run that goes on, as long as this is kept."""

    def __init__(self, root: Path, run_id: str) -> None:
        """Hold the run of the checkout at `root`.

        Raises:
            BlockingIOError: if another process does.
            OSError: if nothing can be locked there.

        """
        self._file = _opened(root)
        fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(run_id))


def goes_on(root: Path, run_id: str) -> bool:
    """Return whether another process holds the run; not to be asked by one that holds a run itself."""
    if not (root / FOLDER / _FILE).exists():
        return False
    descriptor = _opened(root)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(run_id))
    except (BlockingIOError, PermissionError):
        return True
    finally:
        os.close(descriptor)
    return False


def _opened(root: Path) -> int:
    (root / FOLDER).mkdir(exist_ok=True)
    return os.open(root / FOLDER / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _place(run_id: str) -> int:
    return int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:7], "big")
