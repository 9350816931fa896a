"""Keeps the lease of one host: a process on the controller, of which each host of a run has one.

It holds a channel to the host open, sends a line through it now and then, and opens it anew where it breaks.
It ends with its ansible-playbook, whose workers come and go.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import selectors
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, Any

# What the host's side says when the lease is kept, and when it is released.
_KEPT, _RELEASED = b"kept", b"released"
_PROMPT = b"assword"
_RETRY_S = 2.0
# Within so long a host that is there says that it is released.
_RELEASE_S = 4.0
_SAID_MOST = 2000


@dataclass(frozen=True)
class Order:
    """What a keeper is told.

    Attributes:
        command: opens the channel.
        token: that proves to the host whose lease it is.
        beat_s: seconds between two signs of life.
        arrival_s: seconds within which the first channel must be open, and for which a host that is away when
            it is to be released is tried.
        password: that the command asks for at its terminal; None for a command without one.

    """

    command: list[str]
    token: str
    beat_s: float
    arrival_s: float
    password: str | None = None


class ChannelError(Exception):
    """No channel could be opened; the message has what was said."""


def start(order: Order, owner: int) -> None:
    """Start a keeper that outlives this process, and wait until it keeps the lease.

    Args:
        order: what it is told, over a pipe, since it may have a password in it.
        owner: the descriptor that tells of the ansible-playbook's end.

    Raises:
        ChannelError: if it cannot.

    """
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(owner)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(owner,),
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    assert process.stdout is not None  # noqa: S101 - likewise
    with process.stdin, process.stdout:
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            process.stdin.flush()
        said = process.stdout.read()  # it closes its end as soon as it keeps the lease
    if said.strip() != _KEPT:
        raise ChannelError(said.decode("utf-8", "replace").strip() or "the keeper of the lease ended at once")


class Channel:
    """One channel: the process that carries it, and a terminal of its own where it asks for a password."""

    def __init__(self, order: Order, selector: selectors.BaseSelector) -> None:
        """Open it, and tell the token."""
        self._selector = selector
        self._password = order.password
        self._terminal: int | None = None
        # Kept open here: ssh closes what it was given, and opens its terminal again only to ask.
        self._inner: int | None = None
        self.said = b""
        self.kept = self.released = False
        if order.password is not None:
            self._terminal, self._inner = pty.openpty()
        inner = self._inner
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("SSH_ASKPASS")
        }
        self._process = subprocess.Popen(
            order.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
            pass_fds=() if inner is None else (inner,),
            preexec_fn=None if inner is None else lambda: fcntl.ioctl(inner, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one thread
        )
        self._input, self._output = _pipe(self._process.stdin), _pipe(self._process.stdout)
        os.set_blocking(self._input.fileno(), False)
        selector.register(self._output, selectors.EVENT_READ)
        if self._terminal is not None:
            selector.register(self._terminal, selectors.EVENT_READ)
        self.say({"token": order.token, "do": "keep"})

    def say(self, said: Mapping[str, Any] | None = None) -> None:
        """Send a line; an empty one is a sign of life. One that cannot be sent shows as the channel's end."""
        with suppress(OSError):
            os.write(self._input.fileno(), (json.dumps(said).encode() if said else b"") + b"\n")

    def hear(self, source: object) -> bool:
        """Take what came; return whether the channel is still open."""
        if source == self._terminal:
            self._answer_prompt()
            return True
        said = os.read(self._output.fileno(), 4096)
        self.said = (self.said + said)[-_SAID_MOST:]
        lines = self.said.split(b"\n")
        self.kept, self.released = self.kept or _KEPT in lines, self.released or _RELEASED in lines
        return bool(said)

    def close(self) -> None:
        """End what carries it."""
        self._selector.unregister(self._output)
        if self._terminal is not None and self._inner is not None:
            self._selector.unregister(self._terminal)
            os.close(self._terminal)
            os.close(self._inner)
        self._input.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def _answer_prompt(self) -> None:
        """Type the password, once, where it is asked for."""
        assert self._terminal is not None  # noqa: S101 - it was registered
        asked = os.read(self._terminal, 4096)
        if self._password is not None and _PROMPT in asked:
            os.write(self._terminal, self._password.encode() + b"\n")
            self._password = None


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - a pipe was asked for
    return pipe


class Keeper:
    """Keeps one channel open while the owner lives."""

    def __init__(self, order: Order, owner: socket.socket) -> None:
        """Watch the owner."""
        self._order, self._owner = order, owner
        self._selector = selectors.DefaultSelector()
        self._selector.register(owner, selectors.EVENT_READ)
        self._channel: Channel | None = None
        self._told = False
        self._next = 0.0
        self._begun = time.monotonic()

    def keep(self) -> None:
        """Keep until the owner releases, or is gone.

        Raises:
            ChannelError: if the first channel never came to be.

        """
        while self._turn():
            if self._is_kept() and not self._told:
                self._told = True
                _say_and_close(_KEPT)
        self._end()

    def _turn(self) -> bool:
        """Tend the channel, and take what came; return false once the owner says something, or is gone."""
        self._tend()
        for key, _ in self._selector.select(max(self._next - time.monotonic(), 0.0)):
            if key.fileobj is self._owner:
                return False
            if self._channel is not None and not self._channel.hear(key.fileobj):
                self._lost()
                break
        return True

    def _is_kept(self) -> bool:
        return self._channel is not None and self._channel.kept

    def _tend(self) -> None:
        """Open a channel where there is none; send a sign of life."""
        if not self._told and time.monotonic() > self._begun + self._order.arrival_s:
            raise ChannelError(self._why() or f"no answer within {self._order.arrival_s:g} s")
        if time.monotonic() < self._next:
            return
        if self._channel is None:
            self._channel = Channel(self._order, self._selector)
        else:
            self._channel.say()
        self._next = time.monotonic() + self._order.beat_s

    def _lost(self) -> None:
        why = self._why()
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if not self._told:
            raise ChannelError(why or "the channel closed at once")
        self._next = time.monotonic() + _RETRY_S

    def _why(self) -> str:
        return self._channel.said.decode("utf-8", "replace").strip() if self._channel else ""

    def _end(self) -> None:
        """Release the host if the owner says so, as soon as it answers; otherwise the owner is gone."""
        self._selector.unregister(self._owner)
        if self._owner.recv(1) and self._told:
            # A host that is away, even if that does not show yet, may come back later than the run ends.
            end = time.monotonic() + self._order.arrival_s
            while not self._released() and time.monotonic() < end:
                self._turn()
        if self._channel is not None:
            self._channel.close()

    def _released(self) -> bool:
        """Release the host if it can be reached; return whether it has said that it is released."""
        channel = self._channel
        if channel is None or not channel.kept:
            return False
        channel.say({"token": self._order.token, "do": "release"})
        end, is_open = time.monotonic() + _RELEASE_S, True
        while is_open and time.monotonic() < end:
            is_open = all(channel.hear(key.fileobj) for key, _ in self._selector.select(0.2))
        if channel.released:
            return True
        self._lost()
        return False


def _say_and_close(said: bytes) -> None:
    """Tell who started this process, who reads until its end."""
    os.write(1, said + b"\n")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def main() -> None:
    """Do what standard input tells."""
    order = Order(**json.loads(sys.stdin.readline()))
    with socket.socket(fileno=int(sys.argv[1])) as owner:
        try:
            Keeper(order, owner).keep()
        except (ChannelError, OSError) as error:
            _say_and_close(str(error).encode())
            sys.exit(1)


if __name__ == "__main__":
    main()
