#!/usr/bin/python
"""Ansible module: make a directory hold text files with exactly this content, all of them in one call."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod.files import EVERYBODY, Access, only

DOCUMENTATION = """
module: tripod_files
short_description: make a directory hold exactly these text files
description:
  - The modules C(copy) and C(template) take one round trip for each file.
options:
  path: {description: the directory; created where it is not there, type: path, required: true}
  files: {description: relative path → content; sub-directories are created, type: dict, required: true}
  exactly: {description: "globs below C(path), such as **/*: what they match and C(files) does not name is
            removed, and so are directories that this leaves empty", type: list, elements: str, default: []}
  reader: {description: "the one user beside root who may read them, and look into the directories below
           C(path) that hold them; needs root; if not given, everybody may", type: str}
"""


def _directories(root: Path, names: list[str]) -> list[Path]:
    """Return the directories that must be there, parents first."""
    wanted = {root}
    for name in names:
        wanted.update(root / parent for parent in Path(name).parents)
    return sorted(wanted)


def _unlike(directory: Path, root: Path, access: Access) -> bool:
    """Return whether a directory is to be made, or mended; what everybody may look into is left as it is."""
    if directory == root or access is EVERYBODY:
        return not directory.is_dir()
    return access.differs(directory)


def _remove(root: Path, names: list[str]) -> None:
    for name in names:
        (root / name).unlink()
        for parent in Path(name).parents:
            directory = root / parent
            if directory != root and directory.is_dir() and not any(directory.iterdir()):
                directory.rmdir()


def main() -> None:
    """Compare, then write and remove what differs."""
    module = AnsibleModule(
        {
            "path": {"type": "path", "required": True},
            "files": {"type": "dict", "required": True},
            "exactly": {"type": "list", "elements": "str", "default": []},
            "reader": {"type": "str"},
        },
        supports_check_mode=True,
    )
    root, reader = Path(module.params["path"]), module.params["reader"]
    files = {name: str(text).encode() for name, text in module.params["files"].items()}
    outside = [name for name in files if Path(name).is_absolute() or ".." in Path(name).parts]
    if outside:
        module.fail_json(msg=f"not below {root}: {', '.join(outside)}")
    try:
        access = only(reader) if reader else EVERYBODY
    except KeyError:
        module.fail_json(msg=f"there is no user {reader}; provision makes it: playbooks/provision.yml")
    made = [path for path in _directories(root, list(files)) if _unlike(path, root, access)]
    written = [name for name, content in files.items() if access.differs(root / name, content)]
    found = {path for glob in module.params["exactly"] for path in root.glob(glob) if not path.is_dir()}
    removed = sorted(
        str(path.relative_to(root)) for path in found if str(path.relative_to(root)) not in files
    )
    try:
        if not module.check_mode:
            for path in made:
                (EVERYBODY if path == root else access).make(path)
            for name in written:
                access.write(root / name, files[name])
            _remove(root, removed)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}")
    changed = bool(made or written or removed)
    module.exit_json(changed=changed, written=written, removed=removed)


if __name__ == "__main__":
    main()
