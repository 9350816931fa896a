"""A run with every kind of row, its page, and a browser that opens it."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import chromium
import made_runs
import pytest
from opened import Opened
from playwright.sync_api import Browser, sync_playwright
from run_files import RunFiles

from tripod.report.page import writing
from tripod.runs.results import Run, read_run


@pytest.fixture(scope="session")
def made_run(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> Run:
    """Return a run with every kind of row, three trials a cell, at 25 and at 0 ms."""
    path = tmp_path_factory.mktemp("page") / "results" / "20261123T034500Z-poc"
    return read_run(made_runs.make(RunFiles(path, made_runs.began(copy.deepcopy(k6_summary)))).path)


@pytest.fixture(scope="session")
def page_file(made_run: Run) -> Path:
    """Return its page."""
    path = made_run.path / writing.NAME
    writing.write(path, [[made_run]])
    return path


@pytest.fixture(scope="session")
def small_page(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> Path:
    """Return the page of such a run with one group of rows, one trial a cell."""
    path = tmp_path_factory.mktemp("small") / "results" / "20261123T034500Z-poc"
    files = RunFiles(path, made_runs.began(copy.deepcopy(k6_summary)))
    made = read_run(made_runs.make(files, repeats=1, db_sleeps=(25,)).path)
    writing.write(made.path / writing.NAME, [[made]])
    return made.path / writing.NAME


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Return a browser's path; without any its tests are skipped, and with REQUIRE_LAB=1 they fail."""
    found = chromium.installed()
    if found is None:
        told = chromium.REMEDY.format(names=", ".join(chromium.NAMES))
        if os.environ.get("REQUIRE_LAB") == "1":
            pytest.fail(f"{told}; REQUIRE_LAB=1 requires one")
        pytest.skip(told)
    return found


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """Start one browser for a file's tests.

    Not for the session: while it is there its event loop counts as running, and no test has another one.
    """
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_path, args=list(chromium.OPTIONS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, page_file: Path) -> Iterator[Callable[..., Opened]]:
    """Return what opens a page, in a context of its own; at the end nothing may have gone wrong in any."""
    opened: list[Opened] = []

    def begin(path: Path = page_file, anchor: str = "", **context: Any) -> Opened:
        page = browser.new_context(**context).new_page()
        opened.append(Opened(page, path, anchor))
        return opened[-1]

    yield begin
    for one in opened:
        assert one.wrong == []
        assert all(url.startswith("file://") for url in one.asked)
        assert len(one.asked) == 1
        one.page.context.close()
