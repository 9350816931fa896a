"""Killing the k6 that runs on a host, whoever started it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible.module_utils.tripod import k6_lock, process_lock


@contextmanager
def holder(lock: k6_lock.K6Lock) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the lock as k6 does, with memory that takes the kernel time to free."""
    descriptor = lock.hold()
    command = [sys.executable, "-c", "x = bytearray(b'x') * 300_000_000; print(flush=True); input()"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        pass_fds=(descriptor,),
    ) as process:
        try:
            os.write(descriptor, str(process.pid).encode())
            os.close(descriptor)
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_a_killed_k6_is_gone_when_kill_returns(tmp_path: Path) -> None:
    """The next k6 of this host can take the lock at once, every time; without one there is nothing to do."""
    lock = k6_lock.K6Lock(str(tmp_path))
    assert not lock.kill()
    for _ in range(5):
        with holder(lock):
            assert lock.kill()
            os.close(lock.hold())
    assert not lock.kill()


def test_what_cannot_be_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that stays held is waited for no longer than its time."""
    monkeypatch.setattr(process_lock, "GONE_S", 0.1)
    lock = k6_lock.K6Lock(str(tmp_path))
    lock.path.write_text("", encoding="ascii")
    with lock.path.open("r+", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(TimeoutError, match="still there"):
            lock.kill()
