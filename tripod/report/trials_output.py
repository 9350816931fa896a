"""What is printed while trials go on: in a terminal a picture of the run, else lines below each other."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tripod.report import harmless, progress_shown
from tripod.report.live import Live
from tripod.report.output import Tone
from tripod.report.progress import Found, Progress
from tripod.runs.documents import DamagedFileError
from tripod.runs.results import read_cell

Show = Callable[[str, Tone], None]


class Terminal:
    """The terminal on a file descriptor, as far as a picture needs it."""

    def __init__(self, descriptor: int, write: Callable[[str], None]) -> None:
        """Write to the terminal by `write`, which does so at once."""
        self._descriptor, self.write = descriptor, write

    def size(self) -> tuple[int, int]:
        """Return its width and height in characters, as they are now."""
        try:
            found = os.get_terminal_size(self._descriptor)
        except OSError:  # it is gone
            return 80, 24
        return found.columns or 80, found.lines or 24


class TrialsOutput:
    """Prints how the trials of a plan go."""

    def __init__(self, plan: Mapping[str, Any], run_dir: Path, show: Show, terminal: Terminal | None) -> None:
        """Begin before the first trial.

        Args:
            plan: as plan.json has it, or that of a continuation.
            run_dir: where the trials' files are.
            show: prints lines.
            terminal: where a picture is drawn; None: nowhere, so that each trial has its lines.

        """
        self._run_dir, self._show, self._terminal = run_dir, show, terminal
        self._progress = Progress(plan, time.monotonic())
        self._table: list[str] = []
        self._live: Live | None = None
        if plan.get("continuation"):
            for cell in self._progress.found:
                self._look(cell)
        if terminal is not None:
            self._live = Live(terminal.write, lambda: terminal.size()[0], self._lines)
            self._draw_table()
            self._live.begin()
            self._live.draw()
        else:
            self._say_begun()

    @property
    def found(self) -> Mapping[str, Found]:
        """Cell → what was found of it so far."""
        return self._progress.found

    def ended(self, name: str, told: Mapping[str, Any]) -> None:
        """Take that a trial has ended; `told` is what `tripod.trial.outcome.write` has returned of it."""
        trial = self._progress.current
        if trial is None or trial["trial"] != name:
            return
        good = told["status"] == "ok"
        self._progress.end(good=good, now=time.monotonic())
        self._look(trial["cell"])
        if told.get("message"):
            self._show(progress_shown.failed(told), Tone.WARNING)
        if told.get("aside"):
            self._show(harmless.lines(f"    {told['aside']}"), Tone.WARNING)
        if self._live is not None:
            self._draw_table()
            self._live.draw()
            return
        if good:
            self._show(progress_shown.outcome(self._progress.found[trial["cell"]]), Tone.PLAIN)
        self._say_begun()

    def apart(self, show: Callable[[], None]) -> None:
        """Print something else without harm to the picture."""
        if self._live is None:
            show()
        else:
            self._live.apart(show)

    def over(self) -> None:
        """Erase the picture: no trial follows."""
        if self._live is not None:
            self._live.end()
            self._show(progress_shown.ended(self._progress, time.monotonic()), Tone.OK)

    def _look(self, cell: str) -> None:
        """Read what the trials of a cell found; what cannot be read is a matter of the table."""
        try:
            self._progress.found[cell].take(read_cell(self._run_dir, cell))
        except (DamagedFileError, OSError, KeyError):
            return

    def _say_begun(self) -> None:
        line = progress_shown.begun(self._progress, time.monotonic())
        if line:
            self._show(line, Tone.PLAIN)

    def _lines(self) -> Sequence[str]:
        width, _ = self._terminal.size() if self._terminal else (80, 24)
        return [*progress_shown.clocks(self._progress, time.monotonic(), width), *self._table]

    def _draw_table(self) -> None:
        """Draw the table, which changes with a trial only."""
        if self._terminal is None:
            return
        width, height = self._terminal.size()
        clocks = progress_shown.clocks(self._progress, time.monotonic(), width)
        self._table = coloured(progress_shown.table(self._progress, width, height - len(clocks)), width)


def coloured(texts: Sequence[Text], width: int) -> list[str]:
    """Return lines with the colours that a terminal wants, by its TERM, and NO_COLOR."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, highlight=False)
    with console.capture() as captured:
        for text in texts:
            console.print(text, soft_wrap=True)
    return captured.get().splitlines()
