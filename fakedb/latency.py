"""Latencies: written in milliseconds, kept in whole nanoseconds (the clock's own unit, so nothing rounds)."""

import re
from decimal import Decimal

NS_PER_MS = 1_000_000
# An hour is far beyond any database's answer, and far inside what every timer takes.
MAX_SLEEP_MS = 3_600_000
ALLOWED = f"a number of milliseconds from 0 to {MAX_SLEEP_MS}, such as 25 or 0.5"

# Stricter than float(), which takes "1_0", " 25 ", "infinity" and digits of other scripts.
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)


def parse_sleep_ns(text: str) -> int:
    """Turn milliseconds as a person writes them into nanoseconds.

    Raises ValueError, naming the value and what is allowed.
    """
    if _NUMBER.fullmatch(text):
        sleep_ns = int(Decimal(text) * NS_PER_MS)
        if sleep_ns <= MAX_SLEEP_MS * NS_PER_MS:
            return sleep_ns
    raise ValueError(f"{text!r} is not allowed; allowed: {ALLOWED}")


def to_ms(nanoseconds: int) -> float:
    """Nanoseconds as milliseconds; a whole number comes back as an int, so that 25 prints as 25."""
    whole, rest = divmod(nanoseconds, NS_PER_MS)
    return nanoseconds / NS_PER_MS if rest else whole
