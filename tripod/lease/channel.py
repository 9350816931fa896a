"""The channel that keeps a lease, as Ansible reaches the host; and the start of the process that keeps it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Any

from tripod.catalogue import lease
from tripod.lease import keeper
from tripod.lease.ownership import Ownership

# For an SSH connection of its own, which knows soon that the network is gone.
_OWN = {
    "ControlMaster": "no",
    "ControlPath": "none",
    "ClearAllForwardings": "yes",
    "RemoteCommand": "none",
    "RequestTTY": "no",
    "ServerAliveCountMax": "3",
    "ServerAliveInterval": str(max(round(lease.given_up_s() / 3), 1)),
}
# The first channel is opened when Ansible's own connection stands.
_ARRIVAL_S = 60.0


def keep(connection: Any, said: Mapping[str, Any], owner: Ownership, password: str | None) -> None:
    """Start a keeper of the lease that a host has given.

    Args:
        connection: Ansible's own to the host.
        said: what the module tripod_lease said: `python` and `connector` on the host.
        owner: of the lease.
        password: that Ansible logs in with, if it was typed.

    Raises:
        ChannelError: if no channel can be opened.

    """
    command = shlex.join([said["python"], "-I", said["connector"]])
    if connection.transport == "local":
        words, password = ["/bin/sh", "-c", f"exec {command}"], None
    elif connection.transport == "ssh":
        words = _over_ssh(connection, command)
        password = connection.get_option("password") or password or None
    else:
        raise keeper.ChannelError(f"ansible_connection is {connection.transport}; allowed: ssh, local")
    order = keeper.Order(words, owner.token, lease.beat_s(), _ARRIVAL_S, password)
    keeper.start(order, owner.keepers_end)


def _over_ssh(connection: Any, command: str) -> list[str]:
    """Return what opens a channel; of all that says how to reach a host, only the plugin knows the whole."""
    program = connection.get_option("ssh_executable")
    built = connection._build_command(program, "ssh", "-S", "none", connection.host, f"exec {command}")  # noqa: SLF001
    words = [os.fsdecode(word) for word in built]
    words = words[words.index(program) + 1 :]  # before it stands sshpass, which the keeper does without
    for end in connection.sshpass_pipe or ():
        os.close(end)
    own = [word for name, value in _OWN.items() for word in ("-o", f"{name}={value}")]
    return [program, *own, *words]
