"""Where a machine's lease lies, whatever checkout, user or directory: its lock, and who holds it.

The lock is a flock on one file; nothing is read from it, and every user may lock it. Who has the lock
listens in a directory of its own beside it, and says there who it is. A holder that died has no lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import socket
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# Not /tmp, which macOS clears of what is three days old; what is locked, systemd-tmpfiles leaves alone.
LOCK = Path("/var/tmp/tripod-lease")  # noqa: S108 - all users meet here; what it is is checked
LINE_MOST = 8192
# Seconds for all who may hold it to say who they are.
_ASKED_S = 2.0
# Directories that are looked at; more are nobody's that is well.
_MOST = 100


class PlaceError(Exception):
    """Something else is at the lock's place; the message says what, and what to do."""


def name_of(token: str) -> str:
    """Return the lease's public name; the token is told to nobody but its holder."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def directory(name: str) -> Path:
    """Return the directory of a lease's holder."""
    return LOCK.with_name(f"{LOCK.name}-{name}")


def held(name: str) -> bool:
    """Return whether the lease of this name is held."""
    try:
        _connected(directory(name), 1.0).close()
    except OSError:
        return False
    return True


def lock() -> int | None:
    """Take the lock; return its descriptor, or None if somebody has it.

    Raises:
        PlaceError: if something else is in its place.

    """
    for _ in range(100):
        descriptor = _opened()
        if descriptor is None:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        with suppress(OSError):  # who held it before may have removed the file meanwhile
            there, mine = os.lstat(LOCK), os.fstat(descriptor)
            if (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino):
                return descriptor
        os.close(descriptor)
    raise PlaceError(f"{LOCK} comes and goes. Remedy: look which program does that")


def is_free() -> bool:
    """Return whether nobody has the lock, not even a holder that is just ending; raises as `lock`."""
    descriptor = lock()
    if descriptor is None:
        return False
    unlock(descriptor)
    return True


def unlock(descriptor: int) -> None:
    """Free the lock, and remove its file where it is ours to remove."""
    with suppress(OSError):
        LOCK.unlink()
    os.close(descriptor)


def holder() -> dict[str, Any] | None:
    """Return what the holder of the lock says of itself; None if nobody answers."""
    end = time.monotonic() + _ASKED_S
    for place in sorted(LOCK.parent.glob(f"{LOCK.name}-*"))[:_MOST]:
        with suppress(OSError, ValueError), _connected(place, max(end - time.monotonic(), 0.01)) as asked:
            said = json.loads(read_line(asked, end))
            if isinstance(said, dict):
                return {**said, "name": place.name.rpartition("-")[2]}  # that much is certain
    return None


def read_line(connection: socket.socket, end: float) -> str:
    """Read a line until the time `end`; raises OSError or ValueError without one."""
    text = b""
    while not text.endswith(b"\n"):
        connection.settimeout(max(end - time.monotonic(), 0.01))
        more = connection.recv(LINE_MOST)
        text += more
        if not more or len(text) > LINE_MOST:
            raise ValueError("no line")
    return text.decode("utf-8", "replace")


def _connected(place: Path, seconds: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    try:
        connection.connect(str(place / "keep"))
    except OSError:
        connection.close()
        raise
    return connection


def _opened() -> int | None:
    """Open the lock's file, which is made where it is not there; None if it was gone or came in between."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    try:
        descriptor = os.open(LOCK, flags)
    except FileNotFoundError:
        try:
            descriptor = os.open(LOCK, flags | os.O_CREAT | os.O_EXCL, 0o444)
        except FileExistsError:
            return None
        os.fchmod(descriptor, 0o444)
    except OSError as error:
        raise _squatted(error.strerror or "it cannot be opened") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _squatted("it is no regular file")
    return descriptor


def _squatted(why: str) -> PlaceError:
    owner = "somebody"
    with suppress(OSError, KeyError):
        owner = pwd.getpwuid(os.lstat(LOCK).st_uid).pw_name
    return PlaceError(
        f"{LOCK}, where Tripod keeps the lock of this machine, is {owner}'s and cannot be used ({why}); "
        "allowed: nothing, or a file that everybody may read. "
        f"Remedy: look what it is, then sudo rm -r {LOCK}"
    )
