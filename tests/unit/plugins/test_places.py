"""Where a service listens, as the kernel tells it, on processes of this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible.module_utils.tripod import ports

# A server with a worker: each listens somewhere, the worker in a session of its own, as PostgreSQL's do.
SERVICE = """
import os, socket
def say(line):
    os.write(1, f"{line}\\n".encode())  # whole, also with PYTHONUNBUFFERED: two processes say something
def listen(family, address):
    one = socket.socket(family)
    one.bind((address, 0))
    one.listen()
    say(f"{address} {one.getsockname()[1]}")
    return one
first = listen(socket.AF_INET, "127.0.0.1")
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    kept = [listen(socket.AF_INET, "0.0.0.0"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
    if socket.has_ipv6:
        kept.append(listen(socket.AF_INET6, "::1"))
    os.close(writer)
say("done")
os.read(0, 1)
"""
WAYS: list[Callable[[int], object]] = [ports._places_by_lsof]  # noqa: SLF001 - the way of another system
if Path("/proc/net/tcp").exists():
    WAYS.append(ports.places)


@contextmanager
def service() -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """Give a service's main PID, and where it and its worker say that they listen."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        said: list[tuple[str, int]] = []
        done = 0
        while done < 2:
            address, _, port = process.stdout.readline().strip().partition(" ")
            if port:
                said.append((address, int(port)))
            else:
                done += 1
        yield process.pid, sorted(said)
        process.communicate("x")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_all_that_a_service_listens_on(way: Callable[[int], Iterable[tuple[str, int]]]) -> None:
    """Main process and worker, IPv4 and IPv6: every TCP socket that listens, and nobody else's."""
    if way is ports._places_by_lsof and shutil.which("lsof") is None:  # noqa: SLF001 - as above
        pytest.skip("there is no lsof")
    with service() as (_, _), service() as (main_pid, said):
        assert len(said) >= 2
        assert sorted(set(way(main_pid))) == said


def test_who_holds_a_port_is_found_by_it() -> None:
    """The process that listens on a port is told, with its command line."""
    with service() as (main_pid, said):
        port = next(port for address, port in said if address == "127.0.0.1")
        assert f"process {main_pid} (" in ports.holder(port)
