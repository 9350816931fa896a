"""Puts data, scripts and styles into a page so that no text of a result can become any of them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence

# What ends a script's text, or begins a comment in it, begins with one of these.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def json_for_script(document: object) -> str:
    """Return a document as JSON for the text of a script element: ASCII alone, and none of `<`, `>`, `&`.

    So nothing in it ends the element or opens a comment, U+2028, lone surrogates and NUL are escapes, and
    JSON.parse gives every text back as it was.

    Raises:
        ValueError: if a number is none that JSON has.

    """
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    # they stand in strings alone, where JSON knows these escapes
    for char, escape in _ESCAPES.items():
        text = text.replace(char, escape)
    return text


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return the page's Content-Security-Policy: these scripts and styles, and nothing from anywhere.

    It also keeps scripts from making markup of text (`require-trusted-types-for`).
    """
    directives = {
        "default-src": "'none'",
        "script-src": " ".join(_source(text) for text in scripts),
        "style-src": " ".join(_source(text) for text in styles),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
