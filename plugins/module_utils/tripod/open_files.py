"""How many open files a process of a run may have."""

from __future__ import annotations

# Enough for the connections of the most virtual users; who has dropped root cannot raise his own.
FILES = 65_536
