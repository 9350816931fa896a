"""What every application reads from its environment, whichever database it asks."""

from __future__ import annotations

import os
import re

_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)

SERVICE = os.environ.get("TRIPOD_SERVICE") or None
"""The name under which the server was started."""


class SettingsError(RuntimeError):
    """The environment does not say what the application needs."""


def database_url(example: str) -> str:
    """Return TRIPOD_DB_URL.

    Raises:
        SettingsError: if it is missing, with the example of one.

    """
    url = os.environ.get("TRIPOD_DB_URL", "")
    if not url:
        raise SettingsError(f"TRIPOD_DB_URL is not set: give the database's address, e.g. {example}")
    return url


def seconds(name: str, default: float) -> float:
    """Return the variable `name`, a number of seconds above 0.

    Raises:
        SettingsError: if it is something else.

    """
    text = os.environ.get(name) or str(default)
    if not (_SECONDS.fullmatch(text) and float(text) > 0):
        raise SettingsError(f"{name} is {text!r}: expected a number of seconds above 0, such as 5 or 5.025")
    return float(text)


def whole_number(name: str, default: int) -> int:
    """Return the variable `name`, a whole number above 0.

    Raises:
        SettingsError: if it is something else.

    """
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise SettingsError(f"{name} is {text!r}: expected a whole number above 0")
    return int(text)
