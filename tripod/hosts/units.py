"""Whether the names of Tripod's systemd units are free on a host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any


def foreign(found: Sequence[Mapping[str, Any]], root: str) -> list[str]:
    """Return what is wrong with units whose names the plan needs, one sentence each with its remedy.

    Args:
        found: what the module tripod_units returned as `foreign`.
        root: Tripod's directory on the host.

    """
    return [_problem(PurePath(unit["path"]), unit["root"], root) for unit in found]


def _problem(path: PurePath, other_root: str | None, root: str) -> str:
    if other_root:
        return (
            f"has {path} of another Tripod, whose tripod_root is {other_root}, not {root}; allowed: one on a "
            f"host, or two with a service_prefix each. Remedy: remove that one: playbooks/reset.yml -e "
            f"tripod_root={other_root}"
        )
    return (
        f"has a unit {path} that is not Tripod's, and the plan needs its name; allowed: units that Tripod "
        "made. Remedy: give that unit another name, or leave its stack out of the run"
    )
