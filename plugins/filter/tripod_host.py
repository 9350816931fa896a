"""Filters of the role host: thin adapters over the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tripod.hosts import preflight


def tripod_unfit(
    result: Mapping[str, Any], interpreter: str, root: str, user: str, service_manager: str
) -> list[str]:
    """Return what keeps a host from being one of Tripod's, from the registered result of the preflight."""
    asked = None if not interpreter or interpreter.startswith("auto") else interpreter
    return preflight.judge(
        result, asked=asked, root=root, user=user, supervised=service_manager == "supervisor"
    )


def tripod_contents(names: list[str], source: str) -> dict[str, str]:
    """Return relative path → content of text files below a directory of the controller."""
    return {name: (Path(source) / name).read_text(encoding="utf-8") for name in names}


def tripod_lost(hosts: Iterable[str], hostvars: Any, mark: str) -> list[str]:
    """Return the hosts that do not have the variable that the end of a stage sets."""
    return [host for host in hosts if mark not in hostvars[host]]


class FilterModule:
    """The filters' names."""

    def filters(self) -> dict[str, Any]:
        """Return name → function."""
        return {
            "tripod_contents": tripod_contents,
            "tripod_lost": tripod_lost,
            "tripod_python": preflight.chosen_python,
            "tripod_seen": lambda text: dict(preflight.read(text).values),
            "tripod_unfit": tripod_unfit,
        }
