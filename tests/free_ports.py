"""Ports for what tests start, which nobody else takes between the choice and the start.

They lie below those that the kernel gives away by itself (from 32768 on Linux, from 49152 on macOS), and each
process of `make test` has some of its own.
"""

from __future__ import annotations

import itertools
import os
import random
import socket
from contextlib import suppress

_FIRST = 16_000
_EACH = 2_000
_PROCESSES = 8
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# A random beginning: another checkout's tests may run on this machine, too.
_numbers = itertools.count(random.randrange(_EACH))


def free_port() -> int:
    """Return a port of this machine that nobody listens on, and that is not returned again."""
    for _ in range(_EACH):
        port = _FIRST + _EACH * (_worker % _PROCESSES) + next(_numbers) % _EACH
        with suppress(OSError), socket.create_server(("", port)):
            return port
    raise RuntimeError(f"no free port from {_FIRST} on")
