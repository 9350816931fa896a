#!/usr/bin/python
"""Ansible module: make a directory hold text files with exactly this content, all of them in one call."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

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
"""

FILE_MODE = 0o644
DIRECTORY_MODE = 0o755


def _directories(root: Path, names: list[str]) -> list[Path]:
    """Return the directories that must be there, parents first."""
    wanted = {root}
    for name in names:
        wanted.update(root / parent for parent in Path(name).parents)
    return sorted(wanted)


def _differs(path: Path, content: bytes) -> bool:
    if path.is_symlink() or not path.is_file():
        return True
    return path.stat().st_mode & 0o7777 != FILE_MODE or path.read_bytes() != content


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(content)
        os.fchmod(file.fileno(), FILE_MODE)
    Path(file.name).replace(path)


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
        },
        supports_check_mode=True,
    )
    root = Path(module.params["path"])
    files = {name: str(text).encode() for name, text in module.params["files"].items()}
    outside = [name for name in files if Path(name).is_absolute() or ".." in Path(name).parts]
    if outside:
        module.fail_json(msg=f"not below {root}: {', '.join(outside)}")
    missing = [path for path in _directories(root, list(files)) if not path.is_dir()]
    written = [name for name, content in files.items() if _differs(root / name, content)]
    found = {path for glob in module.params["exactly"] for path in root.glob(glob) if not path.is_dir()}
    removed = sorted(
        str(path.relative_to(root)) for path in found if str(path.relative_to(root)) not in files
    )
    try:
        if not module.check_mode:
            for path in missing:
                path.mkdir(DIRECTORY_MODE, parents=True)
                path.chmod(DIRECTORY_MODE)
            for name in written:
                _write(root / name, files[name])
            _remove(root, removed)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}")
    changed = bool(missing or written or removed)
    module.exit_json(changed=changed, written=written, removed=removed)


if __name__ == "__main__":
    main()
