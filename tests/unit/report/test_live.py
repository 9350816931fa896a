"""A picture at the bottom of a terminal, as a terminal shows it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pyte
import pytest

from tripod.report.live import Live

COLUMNS, LINES = 30, 8


class Shown:
    """A terminal, and what is drawn on it."""

    def __init__(self) -> None:
        """Begin with an empty screen."""
        self.screen = pyte.HistoryScreen(COLUMNS, LINES, history=100)
        self._stream = pyte.Stream(self.screen)
        self.width = COLUMNS
        self.picture = ["one", "two"]
        self.live = Live(self.write, lambda: self.width, lambda: self.picture)

    def write(self, text: str) -> None:
        """Write as a terminal's driver does."""
        self._stream.feed(text.replace("\n", "\r\n"))

    def line(self, text: str) -> None:
        """Print a line apart from the picture."""
        self.live.apart(lambda: self.write(f"{text}\n"))

    @property
    def lines(self) -> list[str]:
        """What is on the screen, without blank lines at its end."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")


def test_a_picture_replaces_the_one_before() -> None:
    """However many lines it had; the cursor is never hidden."""
    shown = Shown()
    shown.write("before\n")
    shown.live.draw()
    assert shown.lines == ["before", "one", "two"]
    shown.picture = ["\x1b[31mthree\x1b[0m"]
    shown.live.draw()
    assert shown.lines == ["before", "three"]
    assert not shown.screen.cursor.hidden


def test_what_is_printed_meanwhile_stands_above() -> None:
    """It is not overwritten, nor does it break the picture; in the end only it is left."""
    shown = Shown()
    shown.live.draw()
    shown.line("a warning")
    shown.live.draw()
    shown.line("another")
    shown.live.draw()
    assert shown.lines == ["a warning", "another", "one", "two"]
    shown.live.end()
    shown.live.draw()
    shown.write("the table\n")
    assert shown.lines == ["a warning", "another", "the table"]


def test_a_screen_that_scrolled_is_drawn_on_as_well() -> None:
    """At the bottom of the screen lines move up, and the picture with them."""
    shown = Shown()
    for number in range(12):
        shown.line(f"line {number}")
        shown.live.draw()
    assert shown.lines == [*(f"line {number}" for number in range(6, 12)), "one", "two"]
    above = ["".join(line[column].data for column in range(COLUMNS)) for line in shown.screen.history.top]
    assert [line.rstrip() for line in above] == [f"line {number}" for number in range(6)]


def test_a_terminal_that_became_narrower_is_erased_whole() -> None:
    """A line of the picture takes two rows there: both go."""
    shown = Shown()
    shown.picture = ["x" * 25, "y"]
    shown.live.draw()
    shown.width = 20
    erasing: list[str] = []
    shown.write = erasing.append  # type: ignore[method-assign]
    narrow = Live(erasing.append, lambda: shown.width, lambda: shown.picture)
    narrow.draw()
    narrow.end()
    assert erasing[-1].startswith("\x1b[2A")  # three rows


@pytest.mark.parametrize("forks", [40])
def test_forks_neither_draw_nor_wait(forks: int) -> None:
    """A process that is forked off in the middle of a picture ends at once, and writes nothing."""
    program = f"""
        import os, sys, time
        from tripod.report import live
        live.TICK_S = 0.001
        owner = os.getpid()
        def write(text):
            assert os.getpid() == owner, "a fork draws"
            sys.stdout.write(text); sys.stdout.flush()
        shown = live.Live(write, lambda: 80, lambda: ["picture"] * 5)
        shown.begin()
        for _ in range({forks}):
            child = os.fork()
            if child == 0:
                shown.draw(); shown.apart(lambda: None); shown.end()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            time.sleep(0.002)
        shown.end()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=Path.cwd(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "picture" in done.stdout
