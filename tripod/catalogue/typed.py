"""Commands that people are told to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

# In ansible.cfg; need not be typed.
_DEFAULT = "inventory/localhost.yml"


def playbook(name: str, inventory: Iterable[str]) -> str:
    """Return how to run a playbook on the hosts of these inventory sources; none: those of the default."""
    return _ansible(f"playbooks/{name}.yml", inventory)


def bench(inventory: Iterable[str]) -> str:
    """Return how to measure on the hosts of these inventory sources; none: those of the default."""
    return _ansible("bench.yml", inventory)


def resume(run_id: str, inventory: Iterable[str]) -> str:
    """Return how to measure what is left of a run, on the hosts of its inventory sources."""
    return _ansible("bench.yml", inventory, "-e", f"run_id={run_id}", "-e", "resume=true")


def _ansible(file: str, inventory: Iterable[str], *more: str) -> str:
    root = Path(__file__).resolve().parents[2]
    short = (source.removeprefix(f"{root}/") for source in inventory)
    sources = [word for source in short if source != _DEFAULT for word in ("-i", source)]
    return shlex.join([".venv/bin/ansible-playbook", *sources, file, *more])
