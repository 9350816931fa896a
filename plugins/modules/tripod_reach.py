#!/usr/bin/python
"""Ansible module: whether the legs reach each other: listen on ports for a moment, or connect to them."""

from __future__ import annotations

import errno
import os
import re
import select
import socket
import statistics
import subprocess
import time
from contextlib import suppress
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod.ports import holder

DOCUMENTATION = """
module: tripod_reach
short_description: listen on TCP ports in a process that ends by itself, or measure connections to them
description:
  - A port is free again as soon as all who C(connect) have said that they are done, or when time is over.
  - What went wrong is returned as C(problems), what was measured as C(pairs), in ms; the play judges both.
  - A pair also has C(clock), how far the wall clock of the host that is called is ahead (RFC 5905,
    section 8).
options:
  listen: {description: "address, ports (none tries the address), callers of each (default: 1), seconds (at
           most)", type: dict}
  connect: {description: "pairs: from, to, to_host, address, port", type: list, elements: dict, default: []}
"""

CONNECTS = 21
TIMEOUT_S = 3
# Sent on the last connection: this caller no longer needs the port. As long: nobody does. What time is it?
GOODBYE = b"tripod: done\n"
CLOSE = b"tripod: shut\n"
ASK = b"tripod: time\n"


def _goodbye(address: str, port: int, word: bytes = GOODBYE) -> None:
    """Say that this was all, and wait until that was heard: after the last one the listener has gone."""
    with socket.create_connection((address, port), timeout=TIMEOUT_S) as connection:
        connection.sendall(word)
        connection.recv(1)


def _bound(address: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def _listener(address: str, port: int) -> socket.socket:
    """Listen; where a listener of this module is still there from a minute ago, send it home first."""
    try:
        return _bound(address, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
    with suppress(OSError):
        _goodbye(address, port, CLOSE)
    return _bound(address, port)


def _addresses() -> list[str]:
    """Return this host's IPv4 addresses, as its own tools show them."""
    for command in (["ip", "-4", "-oneline", "address"], ["ifconfig"]):
        with suppress(OSError, subprocess.SubprocessError):
            shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout
            if found := re.findall(r"\binet (?:addr:)?(\d+\.\d+\.\d+\.\d+)", shown):
                return found
    return []


def _serve(listeners: list[socket.socket], callers: int, seconds: int) -> None:
    """Accept and wait for each peer's end, until every port had its goodbyes or the time is over."""
    end = time.monotonic() + seconds
    expected = dict.fromkeys(listeners, callers)
    accepted: dict[socket.socket, socket.socket] = {}
    while listeners and (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([*listeners, *accepted], [], [], left)
        for listener in [known for known in listeners if known in ready]:
            accepted[listener.accept()[0]] = listener
        for connection in [known for known in accepted if known in ready]:
            listener, said = accepted.pop(connection), _heard(connection)
            if said == ASK:
                accepted[connection] = listener  # it asks again
                continue
            expected[listener] -= {GOODBYE: 1, CLOSE: callers}.get(said, 0)
            if expected[listener] <= 0 and listener in listeners:
                listeners.remove(listener)
                listener.close()
            # Only now: its end tells the peer that the listener has gone.
            connection.close()


def _heard(connection: socket.socket) -> bytes:
    """Return what is said; who asks for the time is told when the question came and was answered."""
    try:
        said = connection.recv(len(GOODBYE))
        came_ns = time.time_ns()
        if said == ASK:
            connection.sendall(f"{came_ns} {time.time_ns()}\n".encode())
    except OSError:
        return b""
    return said


def _listen(address: str, ports: list[int], callers: int, seconds: int) -> list[dict[str, Any]]:
    """Bind every port, then leave a detached child to accept; return what could not be bound."""
    listeners, problems = [], []
    for port in ports or [0]:
        try:
            listeners.append(_listener(address, port))
        except OSError as error:
            problem = {"address": address, "port": port, "error": errno.errorcode.get(error.errno or 0)}
            known = {"why": error.strerror, "holder": holder(port), "addresses": _addresses()}
            problems.append(problem | known)
    if ports and not problems and os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        _serve(listeners, callers, seconds)
        os._exit(0)
    return problems


def _connect_ms(address: str, port: int) -> float:
    start = time.perf_counter()
    with socket.create_connection((address, port), timeout=TIMEOUT_S):
        return (time.perf_counter() - start) * 1000


def _asked(connection: socket.socket) -> tuple[float, float]:
    """Ask for the time once; return half the time on the way, and how far the other clock is ahead, s."""
    asked_ns = time.time_ns()
    connection.sendall(ASK)
    answer = connection.recv(64)
    answered_ns = time.time_ns()
    came_ns, left_ns = map(int, answer.split())
    away_ns = (answered_ns - asked_ns) - (left_ns - came_ns)
    return away_ns / 2e9, ((came_ns - asked_ns) + (left_ns - answered_ns)) / 2e9


def _clock(address: str, port: int) -> dict[str, float] | None:
    """Return how far the other host's wall clock is ahead of this one's, and by how much that may be wrong.

    None if what listens there does not tell the time. Of many questions the one with the shortest way counts:
    half of it is the most that the clocks may be off.
    """
    try:
        with socket.create_connection((address, port), timeout=TIMEOUT_S) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found = [_asked(connection) for _ in range(CONNECTS)]
    except (OSError, ValueError):
        return None
    error_s, offset_s = min(found)
    return {"offset_s": round(offset_s, 7), "error_s": round(max(error_s, 0.0), 7)}


def _connect(pair: dict[str, Any]) -> dict[str, Any]:
    """Return the pair with its round trip; without one, with why there is none."""
    address, port = pair["address"], int(pair["port"])
    try:
        times = [_connect_ms(address, port) for _ in range(CONNECTS)]
        clock = _clock(address, port)
        _goodbye(address, port)
    except OSError as error:
        return pair | {"port": port, "why": str(error.strerror or error)}
    trip = {"min": round(min(times), 4), "med": round(statistics.median(times), 4)}
    return pair | {"port": port, "round_trip_ms": trip} | ({"clock": clock} if clock else {})


def main() -> None:
    """Listen, or connect to each pair's address several times."""
    module = AnsibleModule(
        {"listen": {"type": "dict"}, "connect": {"type": "list", "elements": "dict", "default": []}}
    )
    wanted = module.params["listen"]
    problems = []
    if wanted:
        callers, seconds = int(wanted.get("callers", 1)), int(wanted["seconds"])
        problems = _listen(wanted["address"], wanted["ports"], callers, seconds)
    met = [_connect(pair) for pair in module.params["connect"]]
    problems += [pair for pair in met if "why" in pair]
    module.exit_json(changed=False, pairs=[pair for pair in met if "why" not in pair], problems=problems)


if __name__ == "__main__":
    main()
