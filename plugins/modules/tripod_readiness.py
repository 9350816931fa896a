#!/usr/bin/python
"""Ansible module: look at what of a host decides whether two measurements on it agree."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod.kernel_limits import limits
from ansible.module_utils.tripod.readiness import looked

DOCUMENTATION = """
module: tripod_readiness
short_description: observe governor, turbo, SMT, swap, cgroups, virtualisation, busy processes, clock, limits
options:
  limits: {description: sysctl names to read, type: list, elements: str, required: true}
"""


def main() -> None:
    """Observe, change nothing."""
    module = AnsibleModule(
        {"limits": {"type": "list", "elements": "str", "required": True}},
        supports_check_mode=True,
    )
    module.exit_json(changed=False, readiness=looked(), limits=limits(module.params["limits"]))


if __name__ == "__main__":
    main()
