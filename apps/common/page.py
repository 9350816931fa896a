"""The page: one Jinja2 template over a fixed context, so that every application sends the same bytes."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
# Compiled once, as in production; the output is rendered anew for each request, since that is the CPU work.
_TEMPLATE = _ENVIRONMENT.get_template("page.html")

_TAGS = ("new", "sale", "fragile", "<heavy>", "A&B")
_ROWS = [
    {
        "number": number,
        "name": f'Item no. {number} "{"abcdefg"[number % 7] * 3}"',
        "quantity": number * 37 % 101,
        "price": number * 7919 % 10007 / 100,
        "tags": _TAGS[: number % len(_TAGS)],
    }
    for number in range(1, 41)
]


def render() -> str:
    """Return the page, rendered from its template."""
    return _TEMPLATE.render(title="Tripod", rows=_ROWS)
