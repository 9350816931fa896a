"""Runs that can be watched and interrupted while they go on."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import spare_machine
from playbook_runs import ROOT, Bench, placed

LIMIT_S = 240


@contextmanager
def started(
    bench: Bench, *arguments: str, stage: str = "bench.yml", silence_s: float | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start a run as a terminal does, in a process group of its own; its output goes to a file.

    `silence_s` is that of the lease, where it shall be lost sooner than a user's.
    """
    program, *words = bench.command(*arguments, stage=stage)
    if silence_s is not None:
        words = [f"{ROOT}/tests/integration/short_lease.py", str(silence_s), *words]
        program = sys.executable
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        command, environment = placed([program, *words])
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(90)
            output.seek(0)
            print(output.read()[-8000:])  # shown by pytest where the test fails
        spare_machine.refuse_strange()


def wait_for(process: subprocess.Popen[Any], there: Callable[[], bool], what: str) -> None:
    """Wait until something is there, while the run goes on."""
    end = time.monotonic() + LIMIT_S
    while not there():
        assert time.monotonic() < end, f"{what} did not come within {LIMIT_S} s"
        assert process.poll() is None, f"the run ended before {what} came"
        time.sleep(0.02)


def recorded(bench: Bench, trial: str) -> Callable[[], bool]:
    """Say whether the trial's outcome is on the controller."""
    return (bench.directory / "trials" / trial / "record.json").exists
