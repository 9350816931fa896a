"""Action: take the lease of a host, and have it kept until this ansible-playbook ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from tripod.catalogue import typed
from tripod.lease import channel, keeper, ownership, refusal
from tripod.report import harmless

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
            channel.keep(self._connection, said, owner, self._play_context.password)
        except keeper.ChannelError as error:
            return result | {"problem": f"{host}: no channel for the lease could be opened: {error}"}
        return result | {"lease": said["lease"]}


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
