"""Words that every part of the project says alike."""

from __future__ import annotations


def count(number: float, what: str) -> str:
    """Return so many of something, such as `1 worker` or `2 workers`."""
    return f"{number:.12g} {what}" + ("" if number == 1 else "s")
