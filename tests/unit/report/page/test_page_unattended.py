"""The page as previews and PDFs have it, made while nobody looks at it, and where no script runs."""

from __future__ import annotations

import subprocess
from html.parser import HTMLParser
from pathlib import Path

import chromium
import made_runs
import pytest
from playwright.sync_api import Browser, expect

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


def test_without_scripts_it_says_where_the_figures_are(browser: Browser, page_file: Path) -> None:
    """A line stands where drawings would begin, nothing stands empty, and each figure has its table."""
    page = browser.new_context(java_script_enabled=False).new_page()
    wrong: list[str] = []
    page.on("console", lambda told: wrong.append(told.text))
    page.goto(page_file.as_uri())
    for group in page.locator("section.group").all():
        told = group.locator("noscript p")
        expect(told).to_be_visible()
        expect(told).to_contain_text("figures of each drawing are in the table below it")
        assert told.bounding_box()["y"] < group.locator("figure").first.bounding_box()["y"]
        figures = group.locator("figure")
        assert figures.count() == len(FIGURES)
        for figure in figures.all():
            figure.get_by_text("As a table").click()
            expect(figure.locator("tbody")).to_contain_text("async-uvicorn w2")
    expect(page.locator(".row-by-row noscript p")).to_be_visible()
    assert page.locator(".drawings:visible, .spectrum:visible, form.controls:visible").count() == 0
    page.locator("details.row summary").first.click()
    assert page.locator("details.row .drawings:visible, details.row .samples:visible").count() == 0
    assert wrong == []
    page.context.close()
