"""The page as previews and PDFs have it, made while nobody looks at it."""

from __future__ import annotations

import subprocess
from html.parser import HTMLParser
from pathlib import Path

import chromium
import made_runs
import pytest

FIGURES = ["throughput", "limits", "latency", "cost"]


class Drawings(HTMLParser):
    """How many drawings stand in each figure, and in the row that is open."""

    def __init__(self, page: str) -> None:
        """Read it."""
        super().__init__()
        self.of_figures: list[tuple[str | None, int]] = []
        self.of_rows = 0
        self._in_rows = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a drawing where it stands."""
        told = dict(attrs)
        if tag == "figure" and told.get("data-figure"):
            self.of_figures.append((told["data-figure"], 0))
        self._in_rows = self._in_rows or (tag, told.get("id")) == ("section", "rows")
        if tag == "svg" and told.get("class") == "drawing":
            if self._in_rows:
                self.of_rows += 1
            else:
                name, count = self.of_figures[-1]
                self.of_figures[-1] = (name, count + 1)


@pytest.mark.parametrize("options", [[], ["--virtual-time-budget=15000"]], ids=["real", "virtual"])
def test_everything_is_drawn_when_the_page_is_loaded(
    browser_path: str, page_file: Path, tmp_path: Path, options: list[str]
) -> None:
    """Who takes the page as soon as it is loaded has each drawing, and those of the row that is named."""
    told = subprocess.run(
        [
            *(browser_path, "--headless", *chromium.OPTIONS, f"--user-data-dir={tmp_path}", *options),
            *("--dump-dom", f"{page_file.as_uri()}#cell-{made_runs.PLACED}-db25"),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = Drawings(told.stdout)
    # of each route, and of two rows for each route
    assert found.of_figures == [(name, 4 if name == "latency" else 1) for name in FIGURES] * 2
    assert found.of_rows == 1 + 3
