"""The service managers that run Tripod's services."""

from __future__ import annotations

SUPERVISOR, SYSTEMD = "supervisor", "systemd"
