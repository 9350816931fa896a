"""Whether the legs reach each other: what a host met when it listened and connected, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def refusals(host: str, met: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return why a host cannot listen where a leg should, each with its remedy.

    Args:
        host: its inventory name.
        met: the `problems` that `tripod_reach` returned of what it should listen on.

    """
    return list(dict.fromkeys(f"{host}: {_refusal(problem)}" for problem in met))


def _refusal(met: Mapping[str, Any]) -> str:
    address, port = met["address"], met["port"]
    if met["error"] == "EADDRNOTAVAIL":
        return (
            f"bench_address is {address}, which is no address of this host; it has "
            f"{', '.join(met['addresses']) or 'none that its tools show'}. "
            "Remedy: correct bench_address in the inventory"
        )
    if met["error"] == "EADDRINUSE":
        return (
            f"port {port} at {address} is taken by {met['holder']}. Remedy: stop it (to see it: "
            f"sudo ss -ltnp 'sport = :{port}'), or set another app_port or db_port in the inventory"
        )
    return f"cannot listen on {address}:{port}: {met['why']}"


def out_of_reach(host: str, address: str, met: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return which legs a host cannot reach, each with its remedy.

    Args:
        host: its inventory name.
        address: where it sends load and database traffic from.
        met: the `problems` that `tripod_reach` returned of what it should connect to.

    """
    return [
        f"{host}: the {pair['from']} leg cannot reach the {pair['to']} leg, {pair['to_host']}, at "
        f"{pair['address']}:{pair['port']}: {pair['why']}. Remedy: let {address} in on that port in the "
        "other host's security group or firewall, or correct its bench_address in the inventory"
        for pair in met
    ]
