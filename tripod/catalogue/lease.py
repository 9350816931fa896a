"""How long a host bears to hear nothing of its run: every time of the lease follows from one."""

from __future__ import annotations

SILENCE_S = 45.0
"""Seconds after its last sign of life at which a run has lost a host, which then stops what runs for it."""

STOPPING_S = 15.0
"""Seconds that a host takes at most to stop everything: k6, a service that ends late, its manager."""


def beat_s() -> float:
    """Return the seconds between two signs of life: several may be lost."""
    return SILENCE_S / 9


def given_up_s() -> float:
    """Return the seconds after which a connection that brings nothing back is given up for another."""
    return SILENCE_S / 3


def stopped_s() -> float:
    """Return the seconds after which a host that hears nothing has stopped by itself."""
    return SILENCE_S + STOPPING_S
