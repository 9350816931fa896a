"""The files that a page is made of: templates, styles, scripts, and the library that draws."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates"
VENDOR = HERE / "vendor"
# In the order in which they stand in the page; later rules win, later scripts use earlier ones.
_STYLES = ("colours", "text", "layout", "order", "figures", "rows", "controls", "phone", "print")
_SCRIPTS = (
    "data",
    "theme",
    "words",
    "frame",
    "throughput",
    "latency",
    "spectrum",
    "cost",
    "limits",
    "activity",
    "drawing",
    "sorting",
    "filtering",
    "anchors",
)
# Of the class that script/frame.js gives every drawing; as plot.umd.min.js writes it.
_PLOT_STYLE = """:where(.drawing) {
  --plot-background: white;
  display: block;
  height: auto;
  height: intrinsic;
  max-width: 100%;
}
:where(.drawing text),
:where(.drawing tspan) {
  white-space: pre;
}"""


@dataclass(frozen=True)
class Library:
    """A library of others that is in the page: as npm has it, unchanged.

    Attributes:
        name: of the npm package.
        version: of it.
        licence: its short name.
        notice: the licence's text, which has to stand wherever the library does.
        script: the library.

    """

    name: str
    version: str
    licence: str
    notice: str
    script: str


@cache
def libraries() -> tuple[Library, ...]:
    """Return the libraries in the order in which they are loaded."""
    known = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    return tuple(
        Library(
            name=one["package"],
            version=one["version"],
            licence=one["licence"],
            notice=_read(VENDOR / one["notice"]["file"]),
            script=_read(VENDOR / one["script"]["file"]),
        )
        for one in known["libraries"]
    )


def plot_style() -> str:
    """Return the style that Observable Plot puts into each of its drawings, which the page has to allow."""
    return _PLOT_STYLE


@cache
def style() -> str:
    """Return the page's styles as one text."""
    return "".join(_read(HERE / "style" / f"{name}.css") for name in _STYLES)


@cache
def script() -> str:
    """Return the page's scripts as one text, in a scope of their own."""
    parts = "".join(_read(HERE / "script" / f"{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
