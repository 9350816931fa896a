"""Where a run comes from: the checkout's commit and the controller's tools."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path


def git_state(root: Path) -> dict[str, str | bool | None]:
    """Return the checkout's commit and whether files differ from it; both None outside a git checkout."""
    commit = _git(root, "rev-parse", "HEAD")
    status = _git(root, "status", "--porcelain")
    return {"commit": commit, "dirty": None if status is None else bool(status)}


def tool_versions() -> dict[str, str]:
    """Return the versions of the tools that make and conduct the run on the controller."""
    return {"ansible_core": metadata.version("ansible-core"), "python": platform.python_version()}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
