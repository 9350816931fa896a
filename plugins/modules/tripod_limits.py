#!/usr/bin/python
"""Ansible module: set kernel limits, keep what they were, and give it back."""

from __future__ import annotations

import json
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: tripod_limits
short_description: set kernel parameters now and at boot, remember what they were, or restore it
description:
  - The module C(sysctl) does not remember what it changes, and takes one round trip for each parameter.
options:
  state: {description: present sets and reads back; absent restores what was remembered, type: str,
          choices: [present, absent], default: present}
  values: {description: parameter → value in the kernel's own unit, type: dict, default: {}}
  file: {description: what the system reads at boot, type: path, required: true}
  before: {description: where the values of before the first change are kept, type: path, required: true}
"""


class Kernel:
    """Parameters by their names, such as net.core.somaxconn."""

    @staticmethod
    def _path(name: str) -> Path:
        return Path("/proc/sys") / name.replace(".", "/")

    def read(self, name: str) -> str:
        """Return a value with single spaces between its parts."""
        return " ".join(self._path(name).read_text(encoding="ascii").split())

    def write(self, name: str, value: str) -> None:
        """Set a value for the running system."""
        self._path(name).write_text(value + "\n", encoding="ascii")


def _set(module: AnsibleModule, kernel: Kernel) -> tuple[bool, list[str]]:
    """Set what differs; return whether something did, and what did not take."""
    wanted = {name: " ".join(str(value).split()) for name, value in module.params["values"].items()}
    found = {name: kernel.read(name) for name in wanted}
    before, file = Path(module.params["before"]), Path(module.params["file"])
    text = "# Set by Tripod; playbooks/reset.yml removes this file.\n"
    text += "".join(f"{name} = {value}\n" for name, value in wanted.items())
    written = file.is_file() and file.read_text(encoding="ascii") == text
    remembered = json.loads(before.read_text(encoding="ascii")) if before.exists() else {}
    unknown = {name: value for name, value in found.items() if name not in remembered}
    changed = found != wanted or not written or bool(unknown)
    if module.check_mode or not changed:
        return changed, []
    if unknown:
        before.write_text(json.dumps(remembered | unknown, indent=2) + "\n", encoding="ascii")
    for name, value in wanted.items():
        if found[name] != value:
            kernel.write(name, value)
    file.write_text(text, encoding="ascii")
    file.chmod(0o644)
    wrong = {name: kernel.read(name) for name in wanted if kernel.read(name) != wanted[name]}
    return True, [f"{name} is {value}, wanted {wanted[name]}" for name, value in wrong.items()]


def _restore(module: AnsibleModule, kernel: Kernel) -> bool:
    """Give back what was remembered, and forget it; return whether there was anything to do."""
    before, file = Path(module.params["before"]), Path(module.params["file"])
    remembered = json.loads(before.read_text(encoding="ascii")) if before.exists() else {}
    changed = before.exists() or file.exists()
    if not module.check_mode:
        for name, value in remembered.items():
            if kernel.read(name) != value:
                kernel.write(name, value)
        file.unlink(missing_ok=True)
        before.unlink(missing_ok=True)
    return changed


def main() -> None:
    """Set or restore."""
    module = AnsibleModule(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "values": {"type": "dict", "default": {}},
            "file": {"type": "path", "required": True},
            "before": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    kernel = Kernel()
    problems: list[str] = []
    try:
        if module.params["state"] == "present":
            changed, problems = _set(module, kernel)
        else:
            changed = _restore(module, kernel)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}")
    if problems:
        module.fail_json(
            msg=f"limits that did not take: {'; '.join(problems)}. Remedy: see `sysctl -a` there"
        )
    module.exit_json(changed=changed)


if __name__ == "__main__":
    main()
