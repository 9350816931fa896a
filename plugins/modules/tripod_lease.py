#!/usr/bin/python
"""Ansible module: take the lease of a machine for a run."""

from __future__ import annotations

import sys

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod.boot import boot_id
from ansible.module_utils.tripod.lease import losing, place, taking

DOCUMENTATION = """
module: tripod_lease
short_description: the host's part of the action tripod_lease; starts the lease's holder
options:
  token: {description: known to the run alone, type: str, required: true}
  who: {description: "what others are told: user, pid, run_id, playbook", type: dict, required: true}
  run_id: {description: "the run's; null where there is none", type: str}
  manager: {description: systemd or supervisor, type: str, required: true}
  root: {description: Tripod's directory on the host, type: str, required: true}
  silence_s: {description: seconds after which a lease that nobody keeps is lost, type: float, required: true}
"""


def main() -> None:
    """Take it, or say who has it."""
    module = AnsibleModule(
        {
            "token": {"type": "str", "required": True, "no_log": True},
            "who": {"type": "dict", "required": True},
            "run_id": {"type": "str"},
            "manager": {"type": "str", "required": True},
            "root": {"type": "str", "required": True},
            "silence_s": {"type": "float", "required": True},
        }
    )
    given = module.params
    told = {key: given[key] for key in ("token", "who", "run_id", "silence_s")}
    told["keep"] = {key: given[key] for key in ("manager", "root")}
    name = place.name_of(given["token"])
    ended = losing.noted(given["root"], name)
    if ended.get("why") == losing.BROKEN:
        why = f"{ended.get('by')} ended the run with stop.yml"
        module.fail_json(msg=why, refused=why)
    try:
        where = taking.take(told)
    except taking.HeldError as error:
        module.fail_json(msg="the lease is held", held_by=error.who or {})
    except (place.PlaceError, OSError) as error:
        module.fail_json(msg=str(error), refused=str(error))
    else:
        connector = str(where / "connector.py")
        module.exit_json(
            changed=False, lease=name, python=sys.executable, connector=connector, boot_id=boot_id()
        )


if __name__ == "__main__":
    main()
