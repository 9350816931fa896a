"""Text files of the controller that hosts get."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def contents(source: str, patterns: Iterable[str]) -> dict[str, str]:
    """Return relative path → content of the files under `source` that the globs match, sorted."""
    root = Path(source)
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(found)}
