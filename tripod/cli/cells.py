"""How commands find a cell, or a trial, that a person names."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click

from tripod.runs.explain import listed


def no_such(name: str, cells: Sequence[str], run_id: str, command: str) -> click.ClickException:
    """Return what is said of a name that no cell of the run has; `command` is what to type instead."""
    near = get_close_matches(name, cells, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return click.ClickException(
        f"no cell '{name}' in run {run_id}; {hint}valid: {listed(list(cells))}; type: ./collect.py {command}"
    )
