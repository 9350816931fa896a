"""A terminal that commands run in, as a person sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

_HISTORY = 5000
_LOOK_S = 0.2


class Terminal:
    """What a command showed."""

    def __init__(self, columns: int, lines: int) -> None:
        """Begin with an empty screen of that size."""
        self.columns, self.lines = columns, lines
        self.screen = pyte.HistoryScreen(columns, lines, history=_HISTORY)
        self.returncode = -1
        self._stream = pyte.ByteStream(self.screen)

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        look: Callable[[list[str]], None] = lambda _: None,
        limit_s: float = 600,
    ) -> None:
        """Run a command to its end; `look` gets what is on the screen, again and again."""
        pid, descriptor = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], list(command), dict(environment))  # noqa: S606 - no shell is wanted
        size = struct.pack("HHHH", self.lines, self.columns, 0, 0)
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, size)
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            if select.select([descriptor], [], [], _LOOK_S)[0]:
                try:
                    self._stream.feed(os.read(descriptor, 65536))
                except OSError:  # nobody has it open any more
                    break
            look(self.visible)
        os.close(descriptor)
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    @property
    def visible(self) -> list[str]:
        """The lines of the screen."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def all(self) -> list[str]:
        """Those that scrolled away, and the lines of the screen."""
        above = [
            "".join(line[column].data for column in range(self.columns)) for line in self.screen.history.top
        ]
        return [line.rstrip() for line in above] + self.visible
