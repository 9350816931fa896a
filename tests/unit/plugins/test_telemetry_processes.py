"""A service's processes, followed through their parents on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from ansible.module_utils.tripod.telemetry import processes, service

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no /proc")

# A parent and two children; each line on its input ends a child that has burnt some CPU.
FAMILY = """
import os, sys, time
children = []
for _ in range(2):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(write)
        end = time.process_time() + 0.2
        while time.process_time() < end: pass
        os.read(read, 1)
        os._exit(0)
    children.append((pid, write))
print(*[pid for pid, _ in children], flush=True)
for pid, write in children:
    sys.stdin.readline()
    os.write(write, b"x")
    os.waitpid(pid, 0)
    print("gone", flush=True)
sys.stdin.readline()
"""


class Family:
    """A parent and two children."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Learn who the children are."""
        assert process.stdin
        assert process.stdout
        self.main = process.pid
        self._in, self._out = process.stdin, process.stdout
        self.children = {int(pid) for pid in self._out.readline().split()}

    def bury(self) -> None:
        """Let a child end, and be waited for."""
        self._in.write("\n")
        self._in.flush()
        assert self._out.readline() == "gone\n"


@pytest.fixture
def family() -> Iterator[Family]:
    """Start a family."""
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Family(process)
        process.kill()


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_name_with_brackets_and_blanks() -> None:
    """What /proc/PID/stat says is found behind the last bracket."""
    fields = ["S", "7", *["0"] * 9, "100", "20", "3", "4", "20", "0", "5", "0", "999", "0", "2"]
    found = processes.parsed(f"42 (a) b (c) {' '.join(fields)} 0 0\n")
    tick, page = processes.TICK_US, os.sysconf("SC_PAGE_SIZE")
    assert found == processes.Process(
        ended=False,
        cpu_us=120 * tick,
        with_dead_us=127 * tick,
        threads=5,
        started=999,
        memory_bytes=2 * page,
    )


def test_children_are_followed_and_the_dead_are_not_forgotten(family: Family) -> None:
    """All are seen; when one has ended its CPU time stays in the service's, and its process is gone."""
    watched = service.Service(family.main, "x")
    samples = [watched.sample()]

    def all_have_burnt() -> bool:
        samples.append(watched.sample())
        return sum((samples[-1] or {"of": {}})["of"].values()) >= 380_000

    eventually(all_have_burnt)
    before = samples[-1]
    assert before is not None
    assert set(before["of"]) == family.children | {family.main}
    assert (before["processes"], before["threads"]) == (3, 3)
    assert before["memory_bytes"] > 1_000_000
    family.bury()
    after = watched.sample()
    assert after is not None
    assert (after["processes"], len(after["of"])) == (2, 2)
    assert after["cpu_us"] >= before["cpu_us"]
    watched.close()


def test_a_service_that_is_gone(family: Family) -> None:
    """It gives no sample, a zombie neither: its children have another parent by now."""
    watched = service.Service(family.main, "x")
    assert watched.sample()
    os.kill(family.main, 9)
    eventually(lambda: watched.sample() is None)
    watched.close()


def test_a_zombie_is_no_process_but_its_cpu_time_counts() -> None:
    """Until it is waited for it has used what it used, and is none of the living."""
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        os._exit(0)
    tree = processes.Tree(child)
    eventually(lambda: any(process.ended for process in tree.look().values()))
    [zombie] = tree.look().values()
    assert zombie.cpu_us > 0
    assert service.Service(child, "x").sample() is None
    os.waitpid(child, 0)
    assert tree.look() == {}
