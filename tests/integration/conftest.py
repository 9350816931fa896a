"""Run the real benchmark from this checkout, each run under a name of its own that is removed afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = str(Path(sys.executable).parent / "ansible-playbook")


@dataclass
class Bench:
    """One run of the benchmark, from start to its files."""

    run_id: str

    @property
    def directory(self) -> Path:
        """Where the run's files are."""
        return ROOT / "results" / self.run_id

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a run with these arguments."""
        return [PLAYBOOK, "bench.yml", "-e", "matrix=quick", "-e", f"run_id={self.run_id}", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the benchmark to its end."""
        return playbook(*self.command(*arguments)[1:])

    def read(self, name: str) -> Any:
        """Read one of the run's files."""
        return json.loads((self.directory / name).read_text(encoding="utf-8"))


def playbook(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ansible-playbook in the checkout."""
    return subprocess.run(
        [PLAYBOOK, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=900
    )


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Give a run that does not exist yet, and remove it afterwards."""
    run = Bench(f"test-{uuid.uuid4().hex[:12]}")
    yield run
    shutil.rmtree(run.directory, ignore_errors=True)
