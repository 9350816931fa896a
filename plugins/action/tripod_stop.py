"""Action: stop everything of Tripod on a host, if need be when the host is back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible import context
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from tripod.catalogue import lease, typed
from tripod.report import harmless

DOCUMENTATION = """
action: tripod_stop
short_description: stop all services, k6 and the service manager, by the module tripod_services
description:
  - A host that cannot be stopped does not fail the task; C(left) names it, and what to type.
  - Where a run stops its own hosts, one that does not answer is tried again, for as long as it may take to
    stop by itself.
options:
  manager: {description: systemd or supervisor, type: str, required: true}
  root: {description: Tripod's directory on the host, type: str, required: true}
  lease: {description: "as in tripod_services", type: str, required: true}
  patiently: {description: whether to try again, type: bool, required: true}
"""

_AGAIN_S = 2.0


class ActionModule(ActionBase):
    """Try until the host was stopped."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Stop the host; return what may still run there."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = dict(self._task.args)
        patiently = bool(given.pop("patiently"))
        end = time.monotonic() + (lease.stopped_s() if patiently else 0)
        while True:
            said = self._ask(given | {"end": True}, task_vars)
            # The lease of another run says that this one's services are gone: it stopped them first.
            if not said.get("failed") or (patiently and said.get("failed_at") == "lease"):
                return result | {"changed": True, "left": ""}
            if time.monotonic() > end:
                return result | {"changed": True, "left": self._left(said, task_vars)}
            time.sleep(_AGAIN_S)

    def _ask(self, arguments: Mapping[str, Any], task_vars: Any) -> Mapping[str, Any]:
        try:
            said: Mapping[str, Any] = self._execute_module(
                module_name="tripod_services", module_args=arguments, task_vars=task_vars
            )
        except AnsibleConnectionFailure as error:
            return {"failed": True, "unreachable": True, "msg": str(error)}
        return said

    def _left(self, said: Mapping[str, Any], task_vars: Any) -> str:
        """Return which host may still run something, why, and what to type."""
        host = str(task_vars["inventory_hostname"])
        why = " ".join(str(said.get("msg", "no reason was given")).split())
        alone = (
            f" (it stops by itself when it has heard nothing of its run for {lease.SILENCE_S:g} s)"
            if said.get("unreachable")
            else ""
        )
        command = typed.playbook("stop", context.CLIARGS["inventory"] or ())
        return harmless.plain(
            f"services may still run on {host}, which could not be stopped: {why}{alone}; "
            f"to stop them, type: {command}"
        )
