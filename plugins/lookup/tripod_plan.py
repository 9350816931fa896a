"""Lookup: the plan of a run, made by the library from matrix, parameters and inventory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.vars import load_extra_vars
from jinja2.exceptions import UndefinedError

try:
    from tripod.inputs import inventory_content
    from tripod.inputs.errors import InputError
    from tripod.planning import plan
except ImportError as error:
    raise AnsibleError(
        f"this ansible-playbook cannot import Tripod's library ({error}); type: .venv/bin/ansible-playbook …"
    ) from error

DOCUMENTATION = """
name: tripod_plan
short_description: make the plan of a run
description:
  - Returns one mapping with C(plan) and C(problems); exactly one of them is empty.
  - Problems are returned rather than raised, so that a play can print them once, without a traceback.
options: {}
"""

ROOT = Path(__file__).resolve().parents[2]
_UNRESOLVED = (AnsibleError, UndefinedError)


class LookupModule(LookupBase):
    """Collect what the library needs from Ansible, and nothing else."""

    def run(self, _terms: list[str], variables: dict[str, Any] | None = None, **_kwargs: Any) -> list[Any]:
        """Make the plan of the play's inventory and extra-vars."""
        known = variables or {}
        sources = context.CLIARGS["inventory"] or known.get("ansible_inventory_sources") or []
        sources = [str(source) for source in sources]
        groups, hostvars = known["groups"], known["hostvars"]
        try:
            request = plan.Request(
                root=ROOT,
                now=datetime.now(UTC),
                extra_vars=dict(load_extra_vars(self._loader)),
                inventory=sources,
                groups=groups,
                host_vars=inventory_content.variables_given(
                    groups, hostvars, hostvars.raw_get, _UNRESOLVED, inventory_content.files_of(sources)
                ),
                results=ROOT / "results",
                forks=int(context.CLIARGS["forks"]),
            )
            return [{"plan": plan.make(request), "problems": []}]
        except InputError as error:
            return [{"plan": {}, "problems": error.problems}]
