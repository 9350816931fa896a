#!/usr/bin/python
"""Ansible module: the TCP round trip from this host to the next leg."""

from __future__ import annotations

import socket
import statistics
import time

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: tripod_probe
short_description: measure how long TCP connections to other legs take, in ms
options:
  pairs: {description: "mappings with from, to, to_host, address, port", type: list, elements: dict,
          required: true}
"""

CONNECTS = 21
TIMEOUT_S = 3
# Tells tripod_listen that the port is no longer needed.
GOODBYE = b"tripod: done\n"


def _connect_ms(address: str, port: int) -> float:
    start = time.perf_counter()
    with socket.create_connection((address, port), timeout=TIMEOUT_S):
        return (time.perf_counter() - start) * 1000


def _goodbye(address: str, port: int) -> None:
    """Say that this was all, and wait until the listener has gone."""
    with socket.create_connection((address, port), timeout=TIMEOUT_S) as connection:
        connection.sendall(GOODBYE)
        connection.recv(1)


def main() -> None:
    """Connect to each pair's address several times."""
    module = AnsibleModule({"pairs": {"type": "list", "elements": "dict", "required": True}})
    measured, problems = [], []
    for pair in module.params["pairs"]:
        address, port = pair["address"], int(pair["port"])
        try:
            times = [_connect_ms(address, port) for _ in range(CONNECTS)]
            _goodbye(address, port)
        except OSError as error:
            to_leg = f"the {pair['to']} leg, {pair['to_host']},"
            why = error.strerror or error
            problems.append(f"the {pair['from']} leg cannot reach {to_leg} at {address}:{port}: {why}")
            continue
        trip = {"min": round(min(times), 4), "med": round(statistics.median(times), 4)}
        measured.append({**pair, "port": port, "round_trip_ms": trip})
    module.exit_json(changed=False, pairs=measured, problems=problems)


if __name__ == "__main__":
    main()
