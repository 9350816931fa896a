"""A page in a browser, and what went wrong in it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page


class Opened:
    """A page that was opened from disk, and everything that went wrong in it."""

    def __init__(self, page: Page, path: Path, anchor: str = "") -> None:
        """Open it without a network, and wait until everything is drawn."""
        self.page = page
        self.wrong: list[str] = []
        self.asked: list[str] = []
        page.context.set_offline(True)
        page.on("console", lambda told: self.wrong.append(f"{told.type}: {told.text}"))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(f"{path.as_uri()}{anchor}")
        page.wait_for_selector("html[data-drawn=true]")
