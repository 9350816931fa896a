#!/usr/bin/python
"""Ansible module: listen on ports for a moment, so that another host can prove that it reaches them."""

from __future__ import annotations

import errno
import os
import re
import select
import socket
import subprocess
import time
from contextlib import suppress

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod.ports import holder

DOCUMENTATION = """
module: tripod_listen
short_description: listen on TCP ports, in a process of its own that ends by itself
description:
  - A port is free again as soon as C(tripod_probe) has said that it is done, and when the time is over.
  - What keeps it from listening is returned as C(problems); the play decides what that means.
options:
  address: {description: address to listen on, type: str, required: true}
  ports: {description: ports to listen on; none tries the address only, type: list, elements: int,
          required: true}
  seconds: {description: how long to listen at most, type: int, required: true}
"""

# What tripod_probe sends on its last connection.
GOODBYE = b"tripod: done\n"


def _listener(address: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def _listener_after_another(address: str, port: int) -> socket.socket:
    """Listen; where a listener of this module is still there from a minute ago, send it home first."""
    try:
        return _listener(address, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
    with suppress(OSError), socket.create_connection((address, port), timeout=1) as other:
        other.sendall(GOODBYE)
        other.recv(1)
    return _listener(address, port)


def _addresses() -> str:
    """Return this host's IPv4 addresses, as its own tools show them."""
    for command in (["ip", "-4", "-oneline", "address"], ["ifconfig"]):
        with suppress(OSError, subprocess.SubprocessError):
            shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout
            if found := re.findall(r"\binet (?:addr:)?(\d+\.\d+\.\d+\.\d+)", shown):
                return ", ".join(found)
    return "unknown"


def _problem(address: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return (
            f"bench_address is {address}, which is no address of this host; it has {_addresses()}. "
            "Remedy: correct bench_address in the inventory"
        )
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} at {address} is taken by {holder(port)}. Remedy: stop it (to see it: "
            f"sudo ss -ltnp 'sport = :{port}'), or set another app_port or db_port in the inventory"
        )
    return f"cannot listen on {address}:{port}: {error.strerror}"


def _serve(listeners: list[socket.socket], seconds: int) -> None:
    """Accept and wait for each peer's end, until every port had its goodbye or the time is over."""
    end = time.monotonic() + seconds
    accepted: dict[socket.socket, socket.socket] = {}
    while listeners and (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([*listeners, *accepted], [], [], left)
        for listener in [known for known in listeners if known in ready]:
            accepted[listener.accept()[0]] = listener
        for connection in [known for known in accepted if known in ready]:
            listener = accepted.pop(connection)
            with suppress(OSError), connection:
                if connection.recv(len(GOODBYE)) == GOODBYE and listener in listeners:
                    listeners.remove(listener)
                    listener.close()


def main() -> None:
    """Bind every port, then leave a detached child to accept."""
    module = AnsibleModule(
        {
            "address": {"type": "str", "required": True},
            "ports": {"type": "list", "elements": "int", "required": True},
            "seconds": {"type": "int", "required": True},
        }
    )
    address, listeners, problems = module.params["address"], [], []
    for port in module.params["ports"] or [0]:
        try:
            listeners.append(_listener_after_another(address, port))
        except OSError as error:
            text = _problem(address, port, error)
            if text not in problems:
                problems.append(text)
    if module.params["ports"] and not problems and os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        _serve(listeners, module.params["seconds"])
        os._exit(0)
    module.exit_json(changed=False, problems=problems)


if __name__ == "__main__":
    main()
