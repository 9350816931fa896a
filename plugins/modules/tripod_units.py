#!/usr/bin/python
"""Ansible module: make Tripod's systemd units exactly these, and touch no other unit."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod import units
from ansible.module_utils.tripod.files import EVERYBODY
from ansible.module_utils.tripod.managers import run

DOCUMENTATION = """
module: tripod_units
short_description: find out whether names of units are free, or make Tripod's units exactly these
description:
  - Names that other units have are returned as C(foreign), each with its path, and with its root where
    another Tripod made it. Nothing is changed then; the play judges.
  - Units of Tripod that are not named are stopped and removed. systemd is not reloaded.
options:
  root: {description: Tripod's directory on the host, type: str, required: true}
  names: {description: "file names that are needed, such as tripod-a.service", type: list, elements: str,
          default: []}
  contents: {description: "file name → content; if not given, nothing is changed", type: dict}
"""


def _remove(names: list[str]) -> None:
    if names:
        run("systemctl", "stop", *names)
        run("systemctl", "reset-failed", *names)
    for name in names:
        (units.HOME / name).unlink()


def main() -> None:
    """Compare, then write and remove what differs."""
    module = AnsibleModule(
        {
            "root": {"type": "str", "required": True},
            "names": {"type": "list", "elements": "str", "default": []},
            "contents": {"type": "dict"},
        },
        supports_check_mode=True,
    )
    root, contents = module.params["root"], module.params["contents"]
    foreign = units.foreign(sorted({*module.params["names"], *(contents or {})}), root)
    if foreign or contents is None:
        module.exit_json(changed=False, foreign=foreign, written=[], removed=[])
    known = units.ours(root)
    removed = [name for name in known if name not in contents]
    wanted = {name: text.encode() for name, text in contents.items()}
    written = [name for name, text in wanted.items() if EVERYBODY.differs(units.HOME / name, text)]
    try:
        if not module.check_mode:
            _remove(removed)
            for name in written:
                EVERYBODY.write(units.HOME / name, wanted[name])
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}")
    module.exit_json(changed=bool(written or removed), foreign=[], written=written, removed=removed)


if __name__ == "__main__":
    main()
