"""The process that holds a machine's lease for a run, and stops what runs for it when nobody keeps it.

It takes the lock, then listens on two sockets. `keep` is for everybody: who connects is told who holds the
lease, and who knows its token may keep it with a line now and then, or release it. `break` is for the user
who holds it and for root, as the mode of the socket says: who connects there ends the lease.
"""

from __future__ import annotations

import hmac
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import losing, place

RELEASED = "released"
# Who does not tell the token by then is sent away, and no more than so many may be there at once.
_STRANGER_S = 5.0
_CLIENTS_MOST = 64
# What was in the midst of being started is found by the next look.
_LOOKS_MOST = 8
_BETWEEN_LOOKS_S = 0.7
# A directory that is younger may be another run's, which is about to be refused.
_FILLED_S = 60.0


class Client:
    """A connection: what came of its line so far, and whether it told the token."""

    def __init__(self, connection: socket.socket) -> None:
        """Start with a stranger."""
        self.connection = connection
        self.text = b""
        self.known = False
        self.since = time.monotonic()


class Holder:
    """Serves until the lease ends."""

    def __init__(self, where: Path, told: dict[str, Any]) -> None:
        """Listen in the directory, which is then opened for everybody to come in.

        Args:
            where: the directory.
            told: `token`, `who` (what others are told), `run_id`, `silence_s` (seconds without a sign of life
                after which the lease is lost), `keep` (`manager` and `root` of what is stopped then).

        """
        self._told = told
        self._keep: list[dict[str, str]] = [told["keep"]]
        self._since = datetime.now(timezone.utc).isoformat(timespec="seconds")  # noqa: UP017 - any Python 3
        self._heard = time.monotonic()
        self._clients: dict[socket.socket, Client] = {}
        self._selector = selectors.DefaultSelector()
        self._doors = {
            name: self._door(where / name, mode) for name, mode in (("keep", 0o666), ("break", 0o600))
        }
        self.breaker: socket.socket | None = None
        self.broken_by = ""
        where.chmod(0o755)

    def serve(self) -> str:
        """Return why the lease has ended: released, lost in silence, or broken."""
        signal.signal(signal.SIGTERM, self._on_term)
        while not self.broken_by:
            left = self._heard + self._told["silence_s"] - time.monotonic()
            if left <= 0:
                return losing.SILENCE
            for key, _ in self._selector.select(min(left, 1.0)):
                if key.fileobj is self._doors["keep"]:
                    self._welcome()
                elif key.fileobj is self._doors["break"]:
                    self._break()
                elif self._hear(self._clients[key.fileobj]):  # type: ignore[index] - only sockets are registered
                    return RELEASED
            self._send_strangers_away()
        return losing.BROKEN

    def close(self) -> None:
        """Let nobody in any more: from now on the lease is not held."""
        for door in self._doors.values():
            door.close()
        for client in self._clients.values():
            client.connection.close()

    def stop(self) -> list[str]:
        """Stop all that runs for the run; return what could not be stopped."""
        left: list[str] = []
        for look in range(_LOOKS_MOST):
            if look:
                time.sleep(_BETWEEN_LOOKS_S)
            found, left = _stopped(self._keep)
            if look and not found and not left:
                break
        return left

    def note(self, why: str) -> None:
        """Leave in the run's directory what became of the lease."""
        if self._told["run_id"]:
            name, silence_s = place.name_of(self._told["token"]), self._told["silence_s"]
            content = {"lease": name, "why": why, "by": self.broken_by, "silence_s": silence_s, "at": _now()}
            for kept in self._keep:
                losing.note(kept["root"], self._told["run_id"], content)

    def _door(self, path: Path, mode: int) -> socket.socket:
        path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        door.bind(str(path))
        path.chmod(mode)
        door.listen(_CLIENTS_MOST)
        self._selector.register(door, selectors.EVENT_READ)
        return door

    def _break(self) -> None:
        """Let in who may end the lease; the name is for the note, and nothing waits for it."""
        self.breaker = self._doors["break"].accept()[0]
        self.broken_by = "somebody"
        with suppress(OSError, ValueError):
            self.broken_by = (
                place.read_line(self.breaker, time.monotonic() + 1).strip()[:200] or self.broken_by
            )

    def _on_term(self, *_: object) -> None:
        self.broken_by = "SIGTERM"

    def _welcome(self) -> None:
        """Let somebody in, and say who holds the lease."""
        connection = self._doors["keep"].accept()[0]
        connection.settimeout(0)
        said = {
            **self._told["who"],
            "since": self._since,
            "silent_s": round(time.monotonic() - self._heard),
            "silence_s": self._told["silence_s"],
        }
        if len(self._clients) >= _CLIENTS_MOST or not _sent(connection, json.dumps(said)):
            connection.close()
            return
        self._clients[connection] = Client(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, client: Client) -> bool:
        """Take what somebody says, a channel's end too; return whether the lease is released."""
        try:
            said = client.connection.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            said = b""
        if client.known:
            self._heard = time.monotonic()
        if not said:
            self._forget(client)
            return False
        *lines, client.text = (client.text + said).split(b"\n")
        if len(client.text) > place.LINE_MOST:
            self._forget(client)
        released = [self._told_to(client, line) for line in lines if line]
        return any(released)

    def _told_to(self, client: Client, line: bytes) -> bool:
        """Do what a line asks for, if it has the token; return whether the lease is released."""
        try:
            asked = json.loads(line)
            right = hmac.compare_digest(asked["token"].encode(), self._told["token"].encode())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            right = False
        if not right:
            self._forget(client)
            return False
        if asked.get("do") == "release":
            _sent(client.connection, RELEASED)
            return True
        if asked.get("do") == "join" and asked["keep"] not in self._keep:
            self._keep.append(asked["keep"])
        client.known = True
        self._heard = time.monotonic()
        _sent(client.connection, "kept")
        return False

    def _send_strangers_away(self) -> None:
        before = time.monotonic() - _STRANGER_S
        for client in [known for known in self._clients.values() if not known.known and known.since < before]:
            self._forget(client)

    def _forget(self, client: Client) -> None:
        if self._clients.pop(client.connection, None):
            self._selector.unregister(client.connection)
            client.connection.close()


def _stopped(keep: list[dict[str, str]]) -> tuple[bool, list[str]]:
    """Stop once; return whether anything ran, and what still does."""
    # Here, since a host is told politely that its Python is too old, which needs a lease before.
    from .. import k6_lock  # noqa: PLC0415
    from ..managers import manager  # noqa: PLC0415
    from ..telemetry import control  # noqa: PLC0415

    found, left = False, []
    for kept in keep:
        k6_found, k6_left = k6_lock.killed(kept["root"])
        found = k6_found or found
        left += [*k6_left, *control.ended(kept["root"])]
        try:
            keeper = manager(kept["manager"], kept["root"])
            found = bool(keeper.running()) or found
            keeper.end()
            left += keeper.running()
        except Exception as error:  # noqa: BLE001 - whatever it is, the rest is still to be stopped
            left.append(f"{kept['manager']}: {error}")
    return found, left


def _sent(connection: socket.socket, line: str) -> bool:
    """Send a line that fits into any socket's buffer; return whether somebody was there."""
    try:
        connection.sendall(line.encode() + b"\n")
    except OSError:
        return False
    return True


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")  # noqa: UP017 - any Python 3


def _tidy(mine: Path) -> None:
    """Remove what earlier holders of this user left that were killed."""
    for other in mine.parent.glob(f"{place.LOCK.name}-*"):
        with suppress(OSError):
            seen = other.lstat()
            if other != mine and seen.st_uid == os.geteuid() and time.time() - seen.st_mtime > _FILLED_S:
                shutil.rmtree(other)


def main(directory: str) -> None:
    """Hold the lease whose directory this is until it ends."""
    where = Path(directory)
    place.LOCK = where.with_name(where.name.rpartition("-")[0])  # where its starter looks
    told = json.loads((where / "specification.json").read_text(encoding="utf-8"))
    try:
        lock = place.lock()
    except place.PlaceError as error:
        (where / "refused").write_text(str(error), encoding="utf-8")
        sys.exit(1)
    if lock is None:
        (where / "refused").write_text("", encoding="utf-8")
        sys.exit(1)
    _tidy(where)
    lease = Holder(where, told)
    why = lease.serve()
    if why != RELEASED:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        lease.close()
        lease.note(why)
    left = lease.stop() if why != RELEASED else []
    shutil.rmtree(where, ignore_errors=True)
    place.unlock(lock)
    # Who waits for the end finds the lock free.
    lease.close()
    if lease.breaker is not None:
        lease.breaker.settimeout(5)
        _sent(lease.breaker, json.dumps({"left": left}))
