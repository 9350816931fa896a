"""What the quote applications answer, whichever way they came by it."""

from __future__ import annotations

HOME = "Tripod: quotes\n"
"""The static page."""


def text(quote: str, author: str) -> str:
    """Return the answer to `GET /quote/`."""
    return f"{quote}\n\n{author}"


def unavailable(error: BaseException) -> dict[str, str]:
    """Return the answer to a request for which the database could not be had.

    libpq's messages tell addresses and names, never a password; the first line is enough.
    """
    first_line = (str(error).splitlines() or [""])[0]
    return {"error": f"the database cannot be asked: {type(error).__name__}: {first_line}"}
