"""The kernel's limits, by the names of sysctl."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def limits(names: Iterable[str]) -> dict[str, str]:
    """Return name → value in force, with single spaces between its parts; none that the kernel lacks."""
    found = {}
    for name in names:
        try:
            text = Path("/proc/sys", *name.split(".")).read_text(encoding="ascii")
        except OSError:
            continue
        found[name] = " ".join(text.split())
    return found
