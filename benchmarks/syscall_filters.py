"""What the kernel's filters, of which systemd makes a service's restrictions, cost per system call.

Usage: .venv/bin/python benchmarks/syscall_filters.py        (Linux on x86-64 or arm64)
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import socket
import struct
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

_NO_NEW_PRIVS, _SECCOMP, _FILTER_MODE = 38, 22, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001
# Of each filter: that many system calls are refused, none of which is made here.
_REFUSED = 12
_CALLS, _ROUNDS = 20_000, 30


def _install() -> None:
    """Give this process one more filter of the kind that systemd makes: it refuses a few calls."""
    code = [struct.pack("HBBI", _LOAD, 0, 0, 0)]
    for number in range(1000, 1000 + _REFUSED):
        code += [struct.pack("HBBI", _EQUAL, 0, 1, number), struct.pack("HBBI", _RETURN, 0, 0, _REFUSE)]
    code.append(struct.pack("HBBI", _RETURN, 0, 0, _ALLOW))
    rules = ctypes.create_string_buffer(b"".join(code))
    program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(rules))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_SECCOMP, _FILTER_MODE, program):
        raise OSError(ctypes.get_errno(), "no filter can be installed here")


def _new_socket() -> None:
    socket.socket().close()


def _each_ns(call: Callable[[], object]) -> float:
    begun = time.process_time_ns()
    for _ in range(_CALLS):
        call()
    return (time.process_time_ns() - begun) / _CALLS


def _measure(filters: int, answer: Connection) -> None:
    for _ in range(filters):
        _install()
    answer.send((_each_ns(os.getppid), _each_ns(_new_socket)))


def main() -> None:
    """Print the best of several rounds, in each of which every number of filters has its turn."""
    fork = multiprocessing.get_context("fork")
    best: dict[int, tuple[float, float]] = {}
    for _ in range(_ROUNDS):
        for filters in (0, 1, 12, 30):
            here, there = fork.Pipe()
            child = fork.Process(target=_measure, args=(filters, there))
            child.start()
            there.close()
            seen = here.recv()
            child.join()
            best[filters] = tuple(map(min, seen, best.get(filters, seen)))  # type: ignore[assignment]
    for filters, (cheap, new) in best.items():
        print(f"{filters:2} filters: getppid {cheap:5.0f} ns, socket and close {new:6.0f} ns")


if __name__ == "__main__":
    main()
