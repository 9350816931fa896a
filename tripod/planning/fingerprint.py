"""What a trial is measured with: digests of the code that hosts run or are told by, and of the locks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

CODE = (
    "apps",
    "fakedb",
    "k6",
    "playbooks",
    "plugins/action",
    "plugins/module_utils",
    "plugins/modules",
    "quotesdb",
    "roles",
    "tripod/catalogue",
    "tripod/hosts",
    "tripod/trial",
)
"""Directories of the checkout whose files decide what is measured, and how; judging it comes afterwards."""

LOCKS = "requirements"
"""The directory of the pinned packages."""

# What is no part of a measurement: words, what Python makes of its files, and the lab's own building.
_NO_PART = frozenset({".md", ".pyc"})
_ASIDE = ("roles/lab",)


def of(root: Path) -> dict[str, dict[str, str]]:
    """Return the fingerprint of the checkout at `root`, as plan.json has it."""
    return {
        "code": {name: _digest(root, _files(root / name, root)) for name in CODE},
        "locks": {str(path.relative_to(root)): _digest(root, [path]) for path in _files(root / LOCKS, root)},
    }


def differing(one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]) -> list[str]:
    """Return the directories and files that two fingerprints do not agree in."""
    return [
        name
        for kind in ("code", "locks")
        for name in sorted({*one[kind], *other[kind]})
        if one[kind].get(name) != other[kind].get(name)
    ]


def _files(folder: Path, root: Path) -> list[Path]:
    aside = [root / name for name in _ASIDE]
    return sorted(path for path in _below(folder) if not any(path.is_relative_to(other) for other in aside))


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix not in _NO_PART and not hidden and path.is_file():
            yield path


def _digest(root: Path, paths: list[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        found.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()
