"""Action: take the lease of a host, and have it kept until this ansible-playbook ends."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase

from tripod.catalogue import lease, typed
from tripod.lease import keeper, ownership, refusal
from tripod.report import harmless

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

DOCUMENTATION = """
action: tripod_lease
short_description: take the lease of a host, and start what keeps it until this ansible-playbook ends
description:
  - Options are the module's C(manager), C(root) and C(run_id); what else it needs is known here.
  - Returns C(lease), its name, or C(problem); C(unfit) where no module of ours could run on the host.
  - Nothing counts as changed, since nothing of it stays.
"""


class ActionModule(ActionBase):
    """Let the module of the same name take it, and start its keeper here."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Take the lease."""
        result: dict[str, Any] = super().run(tmp, task_vars) | {"lease": "", "problem": "", "unfit": False}
        host = str((task_vars or {})["inventory_hostname"])
        owner = ownership.current()
        if owner is None:
            return result | {
                "problem": "Tripod's callback tripod_exit is not enabled, as its ansible.cfg does"
            }
        if self._play_context.check_mode:
            return result | {"lease": "none: nothing is changed"}
        given = self._task.args
        told = owner.told(Path(context.CLIARGS["args"][0]).name, given["run_id"])
        try:
            said = self._execute_module(module_args=given | told, task_vars=task_vars)
        except AnsibleConnectionFailure:
            raise
        except AnsibleError as error:  # root is not to be had, for example
            said = {"msg": str(error)}
        if "connector" not in said:
            return result | _refused(host, said)
        try:
            command, password = self._channel(shlex.join([said["python"], "-I", said["connector"]]))
            order = keeper.Order(command, owner.token, lease.beat_s(), _ARRIVAL_S, password)
            keeper.start(order, owner.keepers_end)
        except keeper.ChannelError as error:
            return result | {"problem": f"{host}: no channel for the lease could be opened: {error}"}
        return result | {"lease": said["lease"]}

    def _channel(self, command: str) -> tuple[list[str], str | None]:
        """Return what opens a channel, as Ansible reaches the host, and the password that it asks for."""
        connection = self._connection
        if connection.transport == "local":
            return ["/bin/sh", "-c", f"exec {command}"], None
        if connection.transport != "ssh":
            raise keeper.ChannelError(f"ansible_connection is {connection.transport}; allowed: ssh, local")
        program = connection.get_option("ssh_executable")
        # Of all that says how to reach a host, only the connection plugin knows the whole.
        built = connection._build_command(program, "ssh", "-S", "none", connection.host, f"exec {command}")  # noqa: SLF001
        words = [to_text(word) for word in built]
        words = words[words.index(program) + 1 :]  # before it stands sshpass, which the keeper does without
        for end in connection.sshpass_pipe or ():
            os.close(end)
        own = [word for name, value in _OWN.items() for word in ("-o", f"{name}={value}")]
        password = connection.get_option("password") or self._play_context.password
        return [program, *own, *words], password or None


def _refused(host: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return why there is no lease: somebody has it, or the host does not let us."""
    if "held_by" in said:
        command = typed.playbook("stop", context.CLIARGS["inventory"] or ())
        return {"problem": harmless.plain(refusal.held(host, said["held_by"], command))}
    why = said.get("refused") or said.get("module_stderr") or said.get("msg") or "no reason was given"
    return {
        "problem": harmless.lines(f"{host}: the lease cannot be taken: {str(why).strip()}"),
        "unfit": "refused" not in said,
    }
