"""Runs to be compared, and how their trials lie in time."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from run_files import COMMANDS, RunFiles, cell, fakedb, hosts, telemetry

from tripod.runs.results import Run, read_run

STACKS = tuple(COMMANDS)[:4]
BLOCKS = 3
START = datetime(2026, 11, 23, 3, 45, tzinfo=UTC)
# Trials of one cell differ by so much from block to block.
WOBBLE = (1.0, 1.02, 0.99)


def one_host(cpus: int = 2) -> dict[str, Any]:
    """Return the hosts.json of a run on one host of so many cores."""
    seen = hosts()
    seen["separation"] = "one-host"
    for found in seen["separations"]:
        found["separation"] = "one-host"
    for host in seen["hosts"].values():
        host["cpus"] = cpus
    return seen


def made(  # noqa: PLR0913 - all by name
    folder: Path,
    k6: dict[str, Any],
    rates: Mapping[str, float],
    *,
    seen: Mapping[str, Any] | None = None,
    blocks: int = BLOCKS,
    minutes: int = 0,
    every: int = 60,
    app_cpu_s: float | None = None,
    load: Mapping[str, Any] | None = None,
    failed: Sequence[str] = (),
    slots: Sequence[str] = (),
    **plan: Any,
) -> Path:
    """Make a run with a cell for each stack and its rate, whose block b begins `minutes` + b `every` late.

    What `slots` names is limited by its one slot, which waits for the database, and takes a tenth of the CPU.
    """
    files = RunFiles(folder, smaller(k6))
    cells = [cell(stack, **({"load": dict(load)} if load else {})) for stack in rates]
    files.plan(cells, repeats=blocks, **plan)
    if seen:
        files.write("hosts.json", seen)
    for block in range(blocks):
        began = START + timedelta(minutes=minutes + block * every)
        for number, (known, rate) in enumerate(zip(cells, rates.values(), strict=True)):
            name = f"{known['cell']}-r{block + 1}"
            if known["stack"] in failed:
                files.failed_trial(name, "app-gone")
                continue
            times = [began + timedelta(seconds=60 * number + extra) for extra in (0, 50)]
            told = {"started_at": times[0].isoformat(), "ended_at": times[1].isoformat()}
            if app_cpu_s is not None:
                own_s = app_cpu_s / 10 if known["stack"] in slots else app_cpu_s
                told["telemetry"] = telemetry(app_cpu_s=own_s * WOBBLE[(block + number + 1) % 3])
            if known["stack"] in slots:
                told["fakedb"] = fakedb(round(rate * 20 + 500 / 3), in_flight_max=1)
            files.trial(name, rps=rate * WOBBLE[(block + number) % 3], **told)
    return folder


def smaller(k6: dict[str, Any]) -> dict[str, Any]:
    """Return a summary with a grid that is read soon."""
    k6 = copy.deepcopy(k6)
    kept = {"p(0.1)", "p(50)", "p(90)", "p(95)", "p(99)", "p(99.9)", "p(99.99)"}
    for metric in k6["metrics"].values():
        for grid in [key for key in metric["values"] if key.startswith("p(") and key not in kept]:
            del metric["values"][grid]
    return k6


def read(path: Path) -> Run:
    """Read a run."""
    return read_run(path)
