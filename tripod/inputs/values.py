"""Parse single values: whole numbers, lists of them, durations, names.

Values arrive as strings (`-e db_sleep=25`) or as YAML wrote them (`db_sleep: [25, 0]`); both are accepted.
Each parser raises `ValueError` with a text that says what is allowed; the caller adds the parameter's name
and the value found.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

# Digits of ASCII: Python takes those of every script, k6 and people's eyes do not.
_DURATION = re.compile(
    r"(?:(?P<h>\d{1,9})h)?(?:(?P<m>\d{1,9})m(?!s))?(?:(?P<s>\d{1,9}(?:\.\d{1,9})?)s)?(?:(?P<ms>\d{1,12})ms)?",
    re.ASCII,
)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def whole(low: int, high: int, what: str = "a whole number") -> Callable[[object], int]:
    """Return a parser of one whole number from `low` to `high`."""
    allowed = f"{what} from {low} to {high}"

    def parse(value: object) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(allowed)
        return value

    return parse


def list_of(parse_one: Callable[[object], T]) -> Callable[[object], list[T]]:
    """Return a parser of one value or several: `25`, `"25,0"`, `[25, 0]`. Repeated values are refused."""

    def parse(value: object) -> list[T]:
        if isinstance(value, str):
            inside = value.strip()
            if inside.startswith("[") and inside.endswith("]"):
                inside = inside[1:-1]
            value = [item.strip() for item in inside.split(",")]
        items = value if isinstance(value, list) else [value]
        try:
            parsed = [parse_one(item) for item in items]
        except ValueError as error:
            raise ValueError(f"{error}, or a list of such (1,2)") from None
        if not parsed:
            raise ValueError("at least one value")
        if len(set(map(str, parsed))) != len(parsed):
            raise ValueError("each value once")
        return parsed

    return parse


def duration(low: float, high: float, *, or_zero: bool = False) -> Callable[[object], float]:
    """Return a parser of a duration with its unit, such as `60s`, `1m30s`, `1500ms`: in seconds.

    A bare number is refused: k6 would read it as milliseconds, people mean seconds.
    `or_zero` admits `0s` below `low`.
    """
    zero = "0s, or " if or_zero else ""
    allowed = f"{zero}a duration with its unit, from {low:g}s to {high:g}s (such as 10s, 1m30s, 1500ms)"

    def parse(value: object) -> float:
        match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if not match or not any(match.groups()):
            raise ValueError(allowed)
        scale = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
        seconds = math.fsum(float(text) * scale[unit] for unit, text in match.groupdict().items() if text)
        if not (low <= seconds <= high or (or_zero and seconds == 0)):
            raise ValueError(allowed)
        return seconds

    return parse


def share(low: float, high: float) -> Callable[[object], float]:
    """Return a parser of a share in per cent, such as `5%`; a bare number could be either, and is refused."""
    allowed = f"a share in per cent, from {100 * low:g}% to {100 * high:g}% (such as 5%)"

    def parse(value: object) -> float:
        match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
        if not match or not low <= float(match[1]) / 100 <= high:
            raise ValueError(allowed)
        return float(match[1]) / 100

    return parse


def text(pattern: str, allowed: str) -> Callable[[object], str]:
    """Return a parser of a string that matches the whole `pattern`, without control characters.

    Numbers are taken as their text.
    """
    compiled = re.compile(pattern)

    def parse(value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ValueError(allowed)  # noqa: TRY004 - every parser raises ValueError, see the module
        if isinstance(value, float) and not math.isfinite(value):  # JSON has no such number
            raise ValueError(allowed)
        if not compiled.fullmatch(str(value)) or not str(value).isprintable():
            raise ValueError(allowed)
        return str(value)

    return parse


def words(pattern: str, allowed: str) -> Callable[[object], list[str]]:
    """Return a parser of one string that matches `pattern`, or several: `a`, `"a,b"`, `[a, b]`.

    Unlike `list_of` it leaves brackets inside a string alone: globs have them.
    """
    one = text(pattern, allowed)

    def parse(value: object) -> list[str]:
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list) or not items:
            raise ValueError(f"{allowed}, or a list of such (a,b)")
        return list(dict.fromkeys(one(item.strip() if isinstance(item, str) else item) for item in items))

    return parse


def choice(*allowed: str) -> Callable[[object], str]:
    """Return a parser that admits these words only."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return str(value)

    return parse


def flag(value: object) -> bool:
    """Parse yes or no, in the words that Ansible knows for them."""
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    try:
        return known[str(value).lower()]
    except KeyError:
        raise ValueError("true or false") from None


name = text(r"[a-z0-9][a-z0-9-]{0,39}", "lower-case letters, digits and '-', at most 40 characters")
"""Parses the name of a matrix or a stack."""


def existing_file(name: str) -> Path | None:
    """Return the file's path, with `~` resolved; None if there is none, or if it can be no file's name."""
    try:
        path = Path(name).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError):  # too long; the home of an unknown user
        return None
