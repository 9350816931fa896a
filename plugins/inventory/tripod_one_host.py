"""Inventory: the app host of another inventory as all three legs, as a Tripod of its own beside the first."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleParserError
from ansible.inventory.manager import InventoryManager
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.vars.manager import VariableManager

from tripod.catalogue.legs import LEGS
from tripod.inputs import variables

DOCUMENTATION = """
name: tripod_one_host
short_description: the app host of another inventory as all legs
description:
  - Nothing is copied of the other inventory, which may have passwords in it; it is read each time.
  - C(tripod_root), C(tripod_user) and C(service_prefix) get an ending, so that both inventories can be
    deployed at the same time and neither removes what is the other's.
options:
  plugin: {description: this one, required: true, choices: [tripod_one_host]}
  of: {description: path of the other inventory, type: path, required: true}
"""

# What keeps two Tripods apart on one host → default, and what is put after it.
APART = {
    "tripod_root": (variables.HOSTS_ROOT, "-one-host"),
    "tripod_user": (variables.VARIABLES["tripod_user"].default, "-one"),
    "service_prefix": (variables.VARIABLES["service_prefix"].default, "-one"),
}
# Ansible's own variables of every host.
_MAGIC = frozenset(
    (
        *("ansible_facts", "ansible_local", "group_names", "inventory_dir", "inventory_file"),
        *("inventory_hostname", "inventory_hostname_short"),
    )
)


class InventoryModule(BaseInventoryPlugin):
    """Reads the other inventory as Ansible would, with the variables beside it."""

    NAME = "tripod_one_host"

    def verify_file(self, path: str) -> bool:
        """Take a YAML file that names this plugin."""
        return bool(super().verify_file(path)) and path.endswith((".yml", ".yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:  # noqa: FBT001, FBT002 - given
        """Make the three groups, with the one host in each."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        source = self.get_option("of")
        other = InventoryManager(loader=loader, sources=[source])
        hosts = other.groups["app"].get_hosts() if "app" in other.groups else []
        if len(hosts) != 1:
            raise AnsibleParserError(
                f"{source} has {len(hosts)} hosts in the group app; allowed: one; type: ansible-inventory -i "
                f"{source} --graph"
            )
        said = _said(VariableManager(loader=loader, inventory=other), hosts[0])
        for leg in LEGS:
            inventory.add_group(leg)
            inventory.add_host(hosts[0].name, group=leg)
        for name, (default, ending) in APART.items():
            said[name] = f"{said.get(name) or default}{ending}"
        for name, value in said.items():
            inventory.set_variable(hosts[0].name, name, value)


def _said(manager: VariableManager, host: Any) -> dict[str, Any]:
    """Return what the other inventory says of the host, unresolved, without what holds of every host."""
    common = {*manager.get_vars(include_hostvars=False), *_MAGIC}
    known = manager.get_vars(host=host, include_hostvars=False)
    return {name: value for name, value in known.items() if name not in common}
