"""Whether a host can be the DB leg of a run on this kind of database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tripod.hosts import postgres_place

_Check = Callable[[str, Mapping[str, Any]], list[str]]

# A kind that is not here runs wherever Tripod does.
_CHECKS: dict[str, _Check] = {"postgres": postgres_place.problems}


def problems(kind: str, name: str, host: Mapping[str, Any]) -> list[str]:
    """Return why a kind of database cannot run on a host, each with its remedy.

    Args:
        kind: as in `tripod.catalogue.databases`.
        name: the DB host's name in the inventory.
        host: its variables, as in the plan.

    """
    check = _CHECKS.get(kind)
    return check(name, host) if check else []
