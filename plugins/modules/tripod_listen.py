#!/usr/bin/python
"""Ansible module: listen on ports for a moment, so that another host can prove that it reaches them."""

from __future__ import annotations

import os
import select
import socket
import time

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: tripod_listen
short_description: listen on TCP ports for some seconds, in a process of its own that ends by itself
options:
  address: {description: address to listen on, type: str, required: true}
  ports: {description: ports to listen on, type: list, elements: int, required: true}
  seconds: {description: how long to listen, type: int, required: true}
"""


def _serve(listeners: list[socket.socket], seconds: int) -> None:
    """Accept and close connections until the time is over."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for listener in select.select(listeners, [], [], left)[0]:
            connection, _ = listener.accept()
            connection.close()


def main() -> None:
    """Bind every port, then leave a detached child to accept."""
    module = AnsibleModule(
        {
            "address": {"type": "str", "required": True},
            "ports": {"type": "list", "elements": "int", "required": True},
            "seconds": {"type": "int", "required": True},
        }
    )
    listeners = []
    for port in module.params["ports"]:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((module.params["address"], port))
        except OSError as error:
            module.fail_json(
                msg=f"cannot listen on {module.params['address']}:{port}: {error.strerror}. Remedy: stop "
                f"what listens there (ss -ltnp 'sport = :{port}'), or set another app_port or db_port"
            )
        listener.listen(64)
        listeners.append(listener)
    if listeners and os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        _serve(listeners, module.params["seconds"])
        os._exit(0)
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
