"""The three legs of a run, and which of them call which."""

from __future__ import annotations

LEGS = ("load", "app", "db")

CALLS = (("load", "app"), ("app", "db"))
"""Who connects to whom, in a trial; what is listened on is the second one's."""
