"""Types of the fixtures that the plan's tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[..., dict[str, Any]]
"""Makes a plan from groups and parameters."""

Refused = Callable[..., list[str]]
"""Takes the same, and returns the problems for which they are refused."""

Write = Callable[..., str]
"""Writes a matrix file and returns its path."""
