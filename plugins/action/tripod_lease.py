"""Action: take the lease of a host, and have it kept until this ansible-playbook ends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from tripod.catalogue import lease, typed
from tripod.lease import channel, keeper, ownership, refusal
from tripod.report import harmless

DOCUMENTATION = """
action: tripod_lease
short_description: take the lease of a host, and start what keeps it until this ansible-playbook ends
description:
  - Options are the module's C(manager), C(root) and C(run_id), and C(waits_s), seconds for which a host that
    cannot be reached is waited for, and one that a dead controller of the same run still holds; what else the
    module needs is known here.
  - Returns C(lease), its name, or C(problem); C(unfit) where no module of ours could run on the host.
  - Nothing counts as changed, since nothing of it stays.
"""

_AGAIN_S = 1.0


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
        given = dict(self._task.args)
        waits_s = float(given.pop("waits_s"))
        told = owner.told(Path(context.CLIARGS["args"][0]).name, given["run_id"])
        try:
            said = self._taken(host, given | told, waits_s, task_vars)
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

    def _taken(self, host: str, asked: dict[str, Any], waits_s: float, task_vars: Any) -> dict[str, Any]:
        """Return what the module says; wait for a host that is away, or about to stop by itself."""
        begun, told = time.monotonic(), ""
        while True:
            try:
                said: dict[str, Any] = self._execute_module(module_args=asked, task_vars=task_vars)
            except AnsibleConnectionFailure:
                if time.monotonic() > begun + waits_s:
                    raise
                why = f"it cannot be reached; it is waited for up to {waits_s:g} s"
            else:
                held = said.get("held_by") or {}
                ours = held.get("run_id") is not None and held.get("run_id") == asked["run_id"]
                limit_s = min(waits_s, held.get("silence_s", lease.SILENCE_S) + lease.STOPPING_S)
                if not ours or time.monotonic() > begun + limit_s:
                    return said
                why = f"this run's controller, which is gone, still holds it, for {limit_s:g} s at most"
            if why != told:
                self._display.display(f"  {host}: {why}")
                told = why
            time.sleep(_AGAIN_S)


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
