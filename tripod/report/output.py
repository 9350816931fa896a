"""What a running playbook prints for people: a line for each task that did something, failures once."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from enum import Enum

from tripod.report import harmless

_LIVE_COLUMNS = 70
ERASE_LINE = "\r\033[K"


class Tone(Enum):
    """How a line is meant; who prints it chooses the colour."""

    PLAIN = "plain"
    HEADING = "heading"
    OK = "ok"
    CHANGED = "changed"
    WARNING = "warning"
    ERROR = "error"
    UNREACHABLE = "unreachable"


class Output:
    """Collects what a task did on all hosts, and prints it when the task is over."""

    def __init__(self, show: Callable[[str, Tone], None], write_live: Callable[[str], None] | None) -> None:
        """Begin with nothing to print.

        Args:
            show: prints a line.
            write_live: writes what is going on without ending the line; None where there is no terminal.

        """
        self._show = show
        self._write_live = write_live or (lambda _: None)
        self._heading = ""
        self._task = ""
        self._speaks_itself = False
        self._ran = False
        self._named = False
        self._changed: list[str] = []

    def play(self, name: str) -> None:
        """Keep a play's name until one of its tasks has something to print."""
        self.end_task()
        self._heading = name

    def task(self, name: str, *, shown_live: bool, speaks_itself: bool = False) -> None:
        """End the task before this one, and begin one; one that `speaks_itself` prints its own lines."""
        self.end_task()
        self._task, self._speaks_itself = name, speaks_itself
        if speaks_itself:
            self._print_heading()
        elif shown_live:
            self._write_live(f"  {harmless.plain(name[:_LIVE_COLUMNS])} …")

    def ran(self, host: str, *, changed: bool, of_interest: bool) -> None:
        """Note that the task went well on a host."""
        self._ran = self._ran or changed or of_interest
        if changed:
            self._changed.append(host)

    def failed(self, host: str, texts: Iterable[str], *, goes_on: bool) -> None:
        """Print why the task failed on a host."""
        word, tone = ("failed, and the run goes on", Tone.WARNING) if goes_on else ("FAILED", Tone.ERROR)
        self._print_task()
        for text in texts:
            self._print(_indented(f"{word}: {host}: {text}"), tone)

    def unreachable(self, text: str, *, goes_on: bool) -> None:
        """Print why a host could not be reached, in one line where the run goes on."""
        self._print_task()
        told = f"{text.splitlines()[0]} (the run goes on)" if goes_on else text
        self._print(_indented(f"UNREACHABLE: {told}"), Tone.UNREACHABLE)

    def message(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Print a text that is written for people, and says itself what it is about."""
        self._print(f"\n{text}", tone)

    def end_task(self) -> None:
        """Print the line of the task that is over, if it did anything."""
        self._write_live(ERASE_LINE)
        if not self._speaks_itself and (self._changed or (self._ran and not self._named)):
            changed = f"  [changed: {', '.join(self._changed)}]" if self._changed else ""
            self._print_heading()
            self._print(f"  {self._task}{changed}", Tone.CHANGED if changed else Tone.OK)
        self._ran = self._named = self._speaks_itself = False
        self._changed = []

    def _print_heading(self) -> None:
        if self._heading:
            self._print(f"\n{self._heading}", Tone.HEADING)
            self._heading = ""

    def _print_task(self) -> None:
        """Print which task the lines that follow are about."""
        self._print_heading()
        if not self._named:
            self._print(f"  {self._task}", Tone.ERROR)
            self._named = True

    def _print(self, text: str, tone: Tone) -> None:
        self._write_live(ERASE_LINE)
        self._show(harmless.lines(text), tone)


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
