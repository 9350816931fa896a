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
  pairs: {description: "mappings with from, to, address, port", type: list, elements: dict, required: true}
"""

CONNECTS = 21
TIMEOUT_S = 3


def _connect_ms(address: str, port: int) -> float:
    start = time.perf_counter()
    with socket.create_connection((address, port), timeout=TIMEOUT_S):
        return (time.perf_counter() - start) * 1000


def main() -> None:
    """Connect to each pair's address several times."""
    module = AnsibleModule({"pairs": {"type": "list", "elements": "dict", "required": True}})
    measured, problems = [], []
    for pair in module.params["pairs"]:
        try:
            times = [_connect_ms(pair["address"], int(pair["port"])) for _ in range(CONNECTS)]
        except OSError as error:
            problems.append(
                f"{pair['from']} cannot reach {pair['to']} at {pair['address']}:{pair['port']} ({error})"
            )
            continue
        trip = {"min": round(min(times), 4), "med": round(statistics.median(times), 4)}
        measured.append({**pair, "port": int(pair["port"]), "round_trip_ms": trip})
    module.exit_json(changed=False, pairs=measured, problems=problems)


if __name__ == "__main__":
    main()
