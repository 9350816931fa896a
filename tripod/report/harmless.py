"""Makes text from results harmless, one function for each form of output; JSON keeps it as data.

Files of a run are made by hosts, services and strangers. What they say may hold what moves a terminal's
cursor, ends a line, turns the direction of writing, opens a link or is a formula. Everything that prints such
text calls one of these, once, right where it writes.
"""

from __future__ import annotations

import json
import re

# Far beyond any command or message that is one: what is longer would only fill the screen, and the memory
# where every row is padded to the longest.
_MOST_IN_TERMINAL = 2_000
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&$#]")
# Where a cell begins: at the start, and where a spreadsheet takes semicolons for the separator. The signs are
# those that begin a formula, in both widths.
_FORMULA = re.compile("(^|;)(\\s*)([=+\\-@\uff1d\uff0b\uff0d\uff20])")


def plain(text: str) -> str:
    """Return text in which what is not printed as itself, such as ESC or a line break, is an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def terminal(text: str) -> str:
    """Return text for one line of a terminal; its middle is left out where it is absurdly long."""
    if len(text) > _MOST_IN_TERMINAL:
        text = f"{text[: _MOST_IN_TERMINAL // 2]}…{text[-_MOST_IN_TERMINAL // 2 :]}"
    return plain(text)


def lines(text: str) -> str:
    """Return text of several lines for a terminal, where whoever wrote it may break lines."""
    return "\n".join(plain(line) for line in text.split("\n"))


def markdown(text: str) -> str:
    """Return text for a line, or a cell of a table, of Markdown."""
    return _MARKDOWN.sub(r"\\\g<0>", plain(text))


def markdown_code(text: str) -> str:
    """Return text as code in a cell of a table of Markdown."""
    text = plain(text)
    if re.search(r"[`|]|^ | $|^$", text):
        # a backtick ends code, a bar the cell, and no escape is the same in all readers of Markdown
        return f"<code>{_MARKDOWN.sub(lambda found: f'&#{ord(found[0])};', text)}</code>"
    return f"`{text}`"


def comma_separated(text: str) -> str:
    """Return text for a cell of CSV: none that a spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1\2'\3", plain(text))


def json_text(document: object) -> str:
    """Return a document as JSON of the same content, in which no character acts on a terminal."""
    dumped = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    if dumped.replace("\n", "").isprintable():
        return dumped + "\n"
    # what is outside of strings is ASCII, and line breaks stand nowhere else
    return "".join(c if c.isprintable() or c == "\n" else _escape_in_json(c) for c in dumped) + "\n"


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _escape_in_json(char: str) -> str:
    return f"\\u{ord(char):04x}" if char.isascii() else json.dumps(char)[1:-1]
