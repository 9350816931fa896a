"""A part of the terminal, below everything that is printed, which is drawn anew as a run goes on.

It hides no cursor and changes no mode, so that nothing needs to be restored, whatever ends the program: its
last picture stays, and the next line stands below it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Sequence

from rich.cells import cell_len

TICK_S = 1.0

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERASE_BELOW = "\r\x1b[J"


class Live:
    """Draws lines, erases them where something else is printed, and draws them again with every tick."""

    def __init__(
        self,
        write: Callable[[str], None],
        width: Callable[[], int],
        lines: Callable[[], Sequence[str]],
    ) -> None:
        """Begin with nothing on the screen.

        Args:
            write: writes to the terminal, at once.
            width: of the terminal, in characters, as it is now.
            lines: what is to be drawn; with colours, but nothing else that acts on a terminal.

        """
        self._write, self._width, self._lines = write, width, lines
        self._drawn: list[int] = []
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._owner = os.getpid()
        # A fork in the middle of a picture would have the other process wait for ever.
        os.register_at_fork(
            before=self._lock.acquire, after_in_parent=self._lock.release, after_in_child=self._forget
        )

    def begin(self) -> None:
        """Draw from now on."""
        threading.Thread(target=self._tick, name="progress", daemon=True).start()

    def draw(self) -> None:
        """Draw what there is now."""
        with self._lock:
            if self._over.is_set():
                return
            lines = list(self._lines())
            erasing = self._erasing()
            # before it is written: Ctrl-C may come right after that
            self._drawn = [cell_len(_COLOUR.sub("", line)) for line in lines]
            self._write(erasing + "\n".join(lines))

    def apart(self, show: Callable[[], None]) -> None:
        """Print something else, above; the picture comes back with the next tick, or when it is drawn."""
        with self._lock:
            if os.getpid() == self._owner and self._drawn:
                self._write(self._erasing())
                self._drawn = []
            show()

    def end(self) -> None:
        """Erase it for good."""
        with self._lock:
            self._over.set()
            if self._drawn:
                self._write(self._erasing())
                self._drawn = []

    def _erasing(self) -> str:
        """Return what erases the picture, also where the terminal became narrower since it was drawn."""
        width = max(self._width(), 1)
        rows = sum(max(-(-length // width), 1) for length in self._drawn)
        up = f"\x1b[{rows - 1}A" if rows > 1 else ""
        return f"{up}{_ERASE_BELOW}" if rows else ""

    def _tick(self) -> None:
        # A program that ends draws no more: what it says last stands below the last picture.
        while not self._over.wait(TICK_S) and threading.main_thread().is_alive():
            self.draw()

    def _forget(self) -> None:
        """Be nothing in a process that was forked off."""
        self._lock = threading.RLock()
        self._drawn = []
        self._over = threading.Event()
        self._over.set()
