"""The three legs of a run."""

from __future__ import annotations

LEGS = ("load", "app", "db")
