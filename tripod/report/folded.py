"""Text in the terminal that is too long for a line: it goes on below, indented."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tripod.report import harmless

_GAP = 2
_LEAST_ROOM = 10


def print_facts(facts: Sequence[tuple[str, str]], console: Console) -> None:
    """Print label and text of each fact; the texts stand below each other."""
    margin = max((cell_len(label) for label, _ in facts), default=0) + _GAP
    for label, text in facts:
        _print(Text(label.ljust(margin) if label else " " * margin, style="dim"), text, margin, console)


def labelled(label: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return a fact for each text, of which the first has the label."""
    return [("" if index else label, text) for index, text in enumerate(texts)]


def print_note(text: str, console: Console, *, mark: str = "", style: str = "") -> None:
    """Print a sentence, a heading or a note; where the next one begins is seen by what is not indented."""
    _print(Text(mark), text, _GAP, console, style)


def _print(beginning: Text, text: str, margin: int, console: Console, style: str = "") -> None:
    room = max(console.width - margin, _LEAST_ROOM)
    for line in Text(harmless.terminal(text), style=style).wrap(console, room, overflow="fold"):
        line.rstrip()
        console.print(Text.assemble(beginning, line), soft_wrap=True)
        beginning = Text(" " * margin)
