"""The three legs of a run."""

from __future__ import annotations

LEGS = ("load", "app", "db")
SEVERAL = "load"
"""The leg that may have several hosts; the others have one each."""
