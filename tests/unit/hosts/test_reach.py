"""What a host met when it listened and connected, in words."""

from __future__ import annotations

from tripod.hosts import reach

TAKEN = {"address": "10.0.0.2", "port": 8000, "error": "EADDRINUSE", "why": "Address already in use"}
PAIR = {"from": "load", "to": "app", "to_host": "my-app", "address": "10.0.0.2", "port": 8000}


def test_a_port_that_is_taken() -> None:
    """Its holder is named, with the command that shows it and the variables that name another port."""
    [told] = reach.refusals("my-app", [TAKEN | {"holder": "process 7 (nginx)", "addresses": []}])
    assert told.startswith("my-app: port 8000 at 10.0.0.2 is taken by process 7 (nginx). Remedy: stop it")
    assert "another app_port or db_port in the inventory" in told


def test_an_address_of_another_host() -> None:
    """It is said once for all ports, with the addresses that the host has."""
    met = TAKEN | {"error": "EADDRNOTAVAIL", "holder": "", "addresses": ["127.0.0.1", "10.0.0.3"]}
    [told] = reach.refusals("my-app", [met, met | {"port": 9000}])
    assert "is no address of this host; it has 127.0.0.1, 10.0.0.3. Remedy: correct bench_address" in told


def test_anything_else_is_said_as_it_is() -> None:
    """A refusal without a remedy of its own has the system's words."""
    met = TAKEN | {"error": "EACCES", "why": "Permission denied", "holder": "", "addresses": []}
    assert reach.refusals("my-app", [met]) == ["my-app: cannot listen on 10.0.0.2:8000: Permission denied"]
    assert reach.refusals("my-app", []) == []


def test_a_leg_out_of_reach() -> None:
    """Both legs are named, with address and port, and what lets the caller in."""
    [told] = reach.out_of_reach("my-load", "10.0.0.1", [PAIR | {"why": "timed out"}])
    assert told.startswith(
        "my-load: the load leg cannot reach the app leg, my-app, at 10.0.0.2:8000: timed out. "
        "Remedy: let 10.0.0.1 in on that port"
    )
