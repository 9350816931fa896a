"""What people are told of a host that another run holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.catalogue import lease

_UNKNOWN = "a program that does not say what it is (sudo fuser -v /var/tmp/tripod-lease shows it)"


def held(host: str, said: Mapping[str, Any], command: str) -> str:
    """Return who holds a host, since when, and how to break it.

    Args:
        host: its name in the inventory.
        said: what the holder says of itself; empty where it says nothing. It may be anybody's.
        command: what to type to break the lease.

    """
    return (
        f"{host} is held by {_who(said)}. Nothing was changed. "
        f"Remedy: wait until it has ended{_soon(said)}, or end it, as that user or root: {command}"
    )


def _who(said: Mapping[str, Any]) -> str:
    if not {"user", "pid", "playbook", "since"} <= said.keys():
        return _UNKNOWN
    run = f"run {said['run_id']}" if said.get("run_id") else "a playbook"
    return f"{run} of {said['user']} ({said['playbook']}, process {said['pid']} there), since {said['since']}"


def _soon(said: Mapping[str, Any]) -> str:
    """Return when it ends by itself, if its controller is silent."""
    silent, most = said.get("silent_s"), said.get("silence_s")
    if not isinstance(silent, int | float) or not isinstance(most, int | float):
        return ""
    if silent <= lease.beat_s() * 2:
        return ""
    return (
        f" (its controller has not been heard of for {silent:.0f} s; "
        f"{max(most - silent, 0):.0f} s from now the host stops it by itself)"
    )
