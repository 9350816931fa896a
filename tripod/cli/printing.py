"""How commands print: tables and texts on stdout, one line for each thing that is wrong on stderr."""

from __future__ import annotations

import codecs
import os
import shutil
import sys

from rich.console import Console

from tripod.report import harmless

# Where there is no terminal, e.g. in a pipe or a log, no line is broken.
_WIDTH_ELSEWHERE = 100_000


# How a terminal is written to that lacks a character, such as one that knows ASCII only.
SPELLED_OUT = "tripod.spelled_out"
_SPELLED_OUT = {"≥": ">=", "≤": "<=", "±": "+-", "÷": "/", "×": "x", "–": "-", "…": "...", "µ": "u"}  # noqa: RUF001 - these are meant


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that cannot be written: "at least" must not become a "?"."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_SPELLED_OUT.get(char, "?") for char in lacking), error.end


codecs.register_error(SPELLED_OUT, _spell_out)


class _Console(Console):
    """A console that goes on when its reader has left: the exit code is that of the run, not of the pipe."""

    def on_broken_pipe(self) -> None:
        """Print the rest to nobody; rich would end the program with 1."""
        hush()


def console() -> Console:
    """Return the console that tables are printed on."""
    width = _asked_width()
    if width is None:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH_ELSEWHERE
    return _Console(width=width, highlight=False)


def is_read_by_a_person() -> bool:
    """Whether what is printed has a width: a terminal's, or what COLUMNS in the environment asks for."""
    return _asked_width() is not None or sys.stdout.isatty()


def _asked_width() -> int | None:
    """Return the width that COLUMNS asks for; None without one: in 0 columns nothing would be printed."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) or None if asked.isascii() and asked.isdigit() else None


def say(text: str) -> None:
    """Print text that is harmless already."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        hush()


def hush() -> None:
    """Send what is still to be printed to nobody: whoever read it has left, e.g. `head`."""
    _to_nobody(sys.stdout.fileno())


def open_closed() -> None:
    """Let what the caller has closed lead to nobody, so that no file of ours is opened in its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _to_nobody(number)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8"))


def _to_nobody(descriptor: int) -> None:
    nobody = os.open(os.devnull, os.O_RDWR)
    if nobody != descriptor:
        os.dup2(nobody, descriptor)
        os.close(nobody)


def complain(text: str) -> None:
    """Say on stderr, in one line, what is wrong and what to type."""
    print(f"collect.py: {harmless.plain(text)}", file=sys.stderr)


def show_output(text: str) -> None:
    """Show on stderr what another program printed."""
    print(harmless.lines(text), file=sys.stderr)
