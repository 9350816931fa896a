"""A run with every kind of row that a page shows, and telemetry to draw."""

from __future__ import annotations

import re
from typing import Any

from ansible.module_utils.tripod.telemetry import packing
from run_files import RunFiles, cell, telemetry

from tripod.catalogue import k6

_FINE = re.compile(r"p\((?!50|90|95|99|0\.1)\d+\.[1-9]\)")
S = 1_000_000
BEGAN_MS = 1_700_000_100_000.0
SECONDS = 60
# Ends scripts, comments and attributes, is markup, and holds what nobody sees.
HOSTILE = (
    "</script><script>document.title='owned'</script><!--<img src=x onerror=alert(1)>'\"\u2028\u202e\x00\x1b"
)
PLACED, BOUND, VOID, FAILED = "sync-gthread-w1", "async-uvicorn-w1", "sync-gunicorn-w2", "async-worker-w1"


def make(files: RunFiles, *, repeats: int = 3, db_sleeps: tuple[int, ...] = (25, 0)) -> RunFiles:
    """Fill the run: placed rows with notes, and one each that is bound, void, failed and hostile."""
    cells = [
        cell(stack, workers, db_sleep_ms=sleep)
        for sleep in db_sleeps
        for stack in ("sync-gunicorn", "sync-gthread", "async-uvicorn", "async-worker")
        for workers in (1, 2)
    ]
    for known in cells:
        known["requests_per_iteration"] = 3
        known["framework"] = "flask" if known["mode"] == "sync" else "fastapi"
    cells[1]["command"] = f"gunicorn -w 2 sync_app:app {HOSTILE}"
    files.plan(cells, repeats=repeats)
    for at, known in enumerate(cells):
        for repeat in range(1, repeats + 1):
            _trial(files, known, f"{known['cell']}-r{repeat}", 60.0 + 9 * at + repeat)
    return files


def _trial(files: RunFiles, known: dict[str, Any], name: str, rps: float) -> None:
    stack = f"{known['stack']}-w{known['workers']}"
    if stack == FAILED:
        files.failed_trial(name, "app-gone", message=f"gone: {HOSTILE}")
    elif stack == BOUND:
        files.trial(name, rps=0.95 * known["ceiling_rps"] if known["db_sleep_ms"] else rps)
    elif stack == VOID:
        files.trial(name, rps=rps, failed=30, failures={"timed_out": 30}, telemetry=_sampled(0.4))
    else:
        files.trial(name, rps=rps, telemetry=_sampled(0.9))


def _sampled(app: float) -> dict[str, dict[str, Any]]:
    """Return three hosts with their samples, of which the app's service uses a share of a core."""
    sampled = telemetry(app_cpu_s=app * SECONDS)
    for leg, share in (("load", 0.2), ("app", app), ("db", 0.1)):
        sampled[f"tripod-{leg}"]["series"] = packing.packed(_samples(leg, share))
    return sampled


def _samples(leg: str, share: float) -> list[list[Any]]:
    names = [
        f"cpu{core}_{kind}_us" for core in (0, 1) for kind in ("user", "system", "idle", "iowait", "steal")
    ]
    lines: list[list[Any]] = [["trial", "a-r1", names]]
    for second in range(-5, SECONDS + 2):
        at_us, wall_us = (100 + second) * S, round(BEGAN_MS * 1000) + second * S
        used = [round((second + 5) * S * part) for part in (share / 2, share / 4, 1 - 0.75 * share, 0, 0)]
        lines += [
            ["host", at_us, wall_us, 0, used * 2],
            ["service", at_us, leg, {"cpu_us": round((second + 5) * S * share), "of": {"412": 0}}],
        ]
    return lines


def began(summary: dict[str, Any]) -> dict[str, Any]:
    """Return k6's summary of a measurement that began when the samples have it; of its grid every per cent.

    A tenth of the grid is read and merged in a tenth of the time.
    """
    for metric in summary["metrics"].values():
        for name in [name for name in metric["values"] if _FINE.fullmatch(name)]:
            del metric["values"][name]
    summary["metrics"][k6.STARTED]["values"] = dict.fromkeys(("min", "max", "value"), BEGAN_MS)
    return summary
