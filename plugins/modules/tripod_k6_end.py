#!/usr/bin/python
"""Ansible module: end a trial's k6 on one of several load hosts, since another one cannot go on."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod import k6_lock
from ansible.module_utils.tripod.lease import losing

DOCUMENTATION = """
module: tripod_k6_end
short_description: end a trial's k6, while the module that waits for it goes on to say so
options:
  root: {description: Tripod's directory on the host, type: str, required: true}
  lease: {description: "name of the run's lease; where another run has the host, nothing is touched",
          type: str, required: true}
  trial: {description: name of the trial, type: str, required: true}
"""


def main() -> None:
    """End it."""
    module = AnsibleModule({name: {"type": "str", "required": True} for name in ("root", "lease", "trial")})
    params = module.params
    lost, taken = losing.lost(params["root"], params["lease"])
    if taken:
        module.fail_json(msg=str(lost), failed_at="lease")
    found, left = k6_lock.end(params["root"], params["trial"])
    if left:
        module.fail_json(msg=f"still running: {', '.join(left)}", failed_at="stop")
    module.exit_json(changed=found)


if __name__ == "__main__":
    main()
