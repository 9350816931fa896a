"""The service managers that run Tripod's services."""

from __future__ import annotations

SUPERVISOR, SYSTEMD = "supervisor", "systemd"

STOP_S = 5
"""Seconds that a service has to end before its manager kills it; what drains must be done before."""

OPEN_FILES = 1024
"""Files that supervisord must be able to have open, else it does not start: `minfds` in its configuration."""
