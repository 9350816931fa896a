"""Lookup: the hosts of the inventory with their legs and variables, without a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from jinja2.exceptions import UndefinedError

from tripod.inputs import inventory, inventory_content
from tripod.inputs.errors import InputError

DOCUMENTATION = """
name: tripod_inventory
short_description: resolve the hosts of the inventory
description:
  - Returns one mapping with C(hosts) and C(problems); exactly one of them is empty.
  - Parameters of a run are not read, since stop and reset must work after any run.
options: {}
"""

ROOT = Path(__file__).resolve().parents[2]
_UNRESOLVED = (AnsibleError, UndefinedError)


class LookupModule(LookupBase):
    """Collect what the library needs from Ansible, and nothing else."""

    def run(self, _terms: list[str], variables: dict[str, Any] | None = None, **_kwargs: Any) -> list[Any]:
        """Resolve the play's inventory."""
        known = variables or {}
        groups, hostvars = known["groups"], known["hostvars"]
        try:
            files = inventory_content.files_of(context.CLIARGS["inventory"] or ())
            given = inventory_content.variables_given(groups, hostvars, hostvars.raw_get, _UNRESOLVED, files)
            return [{"hosts": inventory.resolve(groups, given, ROOT), "problems": []}]
        except InputError as error:
            return [{"hosts": {}, "problems": error.problems}]
