"""Lookup: the plan of a run, made by the library from matrix, parameters and inventory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from ansible import context
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.vars import load_extra_vars

try:
    from tripod.inputs.errors import InputError
    from tripod.inputs.variables import VARIABLES
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


class LookupModule(LookupBase):
    """Collect what the library needs from Ansible, and nothing else."""

    def run(self, _terms: list[str], variables: dict[str, Any] | None = None, **_kwargs: Any) -> list[Any]:
        """Make the plan of the play's inventory and extra-vars."""
        known = variables or {}
        groups = {name: [str(host) for host in hosts] for name, hosts in known["groups"].items()}
        request = plan.Request(
            root=ROOT,
            now=datetime.now(UTC),
            extra_vars=dict(load_extra_vars(self._loader)),
            inventory=[
                _short(source) for source in context.CLIARGS["inventory"] or _default_inventory(known)
            ],
            groups=groups,
            host_vars={host: self._variables(known["hostvars"][host]) for host in groups.get("all", [])},
            declared=_declared(),
            results=ROOT / "results",
            forks=int(context.CLIARGS["forks"]),
            limit=context.CLIARGS.get("subset"),
        )
        try:
            return [{"plan": plan.make(request), "problems": []}]
        except InputError as error:
            return [{"plan": {}, "problems": error.problems}]

    def _variables(self, host_vars: Any) -> dict[str, Any]:
        return {name: host_vars[name] for name in VARIABLES if name in host_vars}


def _declared() -> frozenset[str]:
    """Return the names besides parameters that `-e` may set: inventory variables and roles' options."""
    names = set(VARIABLES)
    for spec in ROOT.glob("roles/*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(spec.read_text(encoding="utf-8"))["argument_specs"].values():
            names.update(entry.get("options", {}))
    return frozenset(names)


def _default_inventory(known: dict[str, Any]) -> list[str]:
    return [str(source) for source in known.get("ansible_inventory_sources") or []]


def _short(source: str) -> str:
    path = Path(source).expanduser().resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
