#!/usr/bin/python
"""Ansible module: the host's part of the action tripod_fetch: read the files that the controller lacks."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: tripod_fetch
short_description: copy what the controller lacks of a directory, all files in one go
options:
  directory: {description: directory on the host; one that is not there has no files, type: path,
              required: true}
  have: {description: "relative path → size in bytes of what the controller has; the action fills it in",
         type: dict, default: {}}
  dest: {description: directory on the controller; the action alone uses it, type: path, required: true}
"""


def main() -> None:
    """Return the content of every file that is not, or not wholly, on the controller."""
    module = AnsibleModule(
        {
            "directory": {"type": "path", "required": True},
            "have": {"type": "dict", "default": {}},
            "dest": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    root, have = Path(module.params["directory"]), module.params["have"]
    files = {}
    for path in sorted(root.glob("*/**/*")):  # trials; what lies beside them is the host's own
        name = path.relative_to(root).as_posix()
        if path.is_file() and not path.is_symlink() and path.stat().st_size > int(have.get(name, -1)):
            files[name] = base64.b64encode(zlib.compress(path.read_bytes())).decode("ascii")
    module.exit_json(changed=bool(files), files=files)


if __name__ == "__main__":
    main()
