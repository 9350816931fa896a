"""Runs under a name of their own that are removed afterwards."""

from __future__ import annotations

import shutil
import signal
import uuid
from collections.abc import Iterator

import pytest
from playbook_runs import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Give a run that does not exist yet, and remove it afterwards."""
    run = Bench(f"test-{uuid.uuid4().hex[:12]}")
    yield run
    shutil.rmtree(run.directory, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """Let what is started here be ended as from a terminal, though nohup started the tests."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
