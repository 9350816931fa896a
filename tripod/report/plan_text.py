"""A plan as people read it before a run: what is measured, how long that takes, and what is done for it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from tripod.catalogue import databases, lengths
from tripod.catalogue.legs import LEGS
from tripod.report.columns import load_text
from tripod.report.progress_shown import time_text
from tripod.runs.explain import listed

_LABEL = 10
_LEAST_WIDTH = 40


def lines(plan: Mapping[str, Any], width: int) -> list[str]:
    """Return the lines below a plan's headline, of at most so many characters where words allow it."""
    cells, parameters = plan["cells"], plan["parameters"]
    loads = {cell["load"]["name"]: cell["load"] for cell in cells}
    blocks = dict.fromkeys(trial.get("block", trial["repeat"]) for trial in plan["trials"])
    order = "in random order" if len(blocks) == 1 else f"in {len(blocks)} blocks, each in random order"
    measuring_s = plan["expected_seconds"] - lengths.SETUP_S
    services = f"{len(plan['services'])} services with their packages and data"
    measured = f"{len(plan['trials'])} trials {order} (seed {plan['seed']}), about {time_text(measuring_s)}"
    facts = [
        ("matrix", f"{plan['matrix']['path']}, {_databases(cells)}"),
        *(("load", load_text(load).removeprefix("load ")) for load in loads.values()),
        ("cells", listed([cell["cell"] for cell in cells])),
        ("hosts", ", ".join(f"{leg}: {' '.join(plan['legs'][leg])}" for leg in LEGS)),
        ("", "; ".join(_places(plan["hosts"]))),
        ("provision", f"checks the hosts; users, uv, k6, kernel limits{_tuning(parameters)}"),
        ("deploy", f"{services}, which trials start and stop"),
        ("measure", f"{measured}, with some {lengths.TRIAL_OVERHEAD_S:g} s beside the load of each"),
        ("tabulate", f"what is fetched, into results/{plan['run_id']}/"),
    ]
    return [line for label, text in facts for line in _wrapped(label, text, width)]


def _wrapped(label: str, text: str, width: int) -> list[str]:
    begin = f"  {label:<{_LABEL}} "
    return textwrap.wrap(
        text,
        max(width, _LEAST_WIDTH),
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _databases(cells: list[dict[str, Any]]) -> str:
    found = dict.fromkeys((cell["database"], cell["db_sleep_ms"]) for cell in cells)
    return ", ".join(
        databases.title(kind) + ("" if sleep_ms is None else f" at {sleep_ms:g} ms")
        for kind, sleep_ms in found
    )


def _places(hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return where everything lies on the hosts, and what runs services there; for hosts that agree once."""
    found: dict[str, list[str]] = {}
    for name, host in hosts.items():
        text = f"everything below {host['tripod_root']}, services by {host['service_manager']}"
        found.setdefault(text, []).append(name)
    return (
        list(found) if len(found) == 1 else [f"{', '.join(names)}: {text}" for text, names in found.items()]
    )


def _tuning(parameters: Mapping[str, Any]) -> str:
    return "; sets governor and turbo" if parameters.get("tune") else ""
