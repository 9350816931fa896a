"""How to make a run again: the command that asks for the same, and the commands that really ran."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from tripod.catalogue import typed
from tripod.runs.results import Run

# What is none of the run's own, or stands in `repeats` already, beside which it is refused.
_NOT_SAID = {"run_id", "resume", "budget", "precision"}
# What `-e` need not say: it is so without.
_WITHOUT = {"only": ["*"], "telemetry": True, "tune": False, "keepalive": True}


def asked_again(plan: Mapping[str, Any]) -> str:
    """Return the command that plans the same run again: trials, order and load."""
    told = {
        name: value
        for name, value in plan["parameters"].items()
        if value is not None and name not in _NOT_SAID and _WITHOUT.get(name) != value
    }
    told |= {"seed": plan["seed"]}
    words = [word for name, value in told.items() for word in ("-e", f"{name}={typed.value(name, value)}")]
    return f"{typed.bench(plan['inventory'])} {shlex.join(words)}"


def checkout(plan: Mapping[str, Any]) -> str | None:
    """Return the command that brings the code of the run; None where no commit is known."""
    commit = plan["git"]["commit"]
    return shlex.join(["git", "checkout", commit]) if commit else None


def ran(run: Run) -> list[tuple[str, str, str]]:
    """Return leg, host and command of a trial as they ran: the app, the database and k6 of the first one."""
    record = next((trial.record for trial in run.trials if trial.record and trial.record["k6"]), None)
    if record is None:
        return []
    services = [
        (leg, service["host"], service["command"]) for leg, service in record["services"].items() if service
    ]
    load = [("load", k6["host"], shlex.join(map(str, k6["command"]))) for k6 in record["k6"]]
    return [*load, *services]
