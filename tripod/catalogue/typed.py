"""Commands that people are told to type, and how the values of parameters stand in them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_SECONDS = {"duration", "warmup", "budget"}
_SHARES = {"precision"}
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


def value(parameter: str, known: Any) -> str:
    """Return a parameter's value, as a plan has it, as it is typed after `=`."""
    if isinstance(known, bool):
        return str(known).lower()
    if isinstance(known, list):
        return ",".join(map(str, known))
    if parameter in _SECONDS and isinstance(known, int | float):
        return f"{known:.9g}s"
    if parameter in _SHARES and isinstance(known, int | float):
        return f"{100 * known:.9g}%"
    return f"{known:.9g}" if isinstance(known, float) else str(known)


def _ansible(file: str, inventory: Iterable[str], *more: str) -> str:
    root = Path(__file__).resolve().parents[2]
    short = (source.removeprefix(f"{root}/") for source in inventory)
    sources = [word for source in short if source != _DEFAULT for word in ("-i", source)]
    return shlex.join([".venv/bin/ansible-playbook", *sources, file, *more])
