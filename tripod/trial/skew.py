"""How far apart in time several load hosts began to measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.stats import figures
from tripod.trial.steps import LOAD, Steps
from tripod.trial.together import AGREED_S
from tripod.trial.told import Trial


def start_skew(
    trial: Trial, steps: Steps, measured: Sequence[Mapping[str, Any] | None]
) -> dict[str, Any] | None:
    """Return the part `start_skew` of record.json; None with one load host, or where none came to measure.

    Args:
        trial: the trial.
        steps: what its hosts said.
        measured: what k6 summed up of the measurement on each load host; None where it summed nothing up.

    """
    if not trial.together or not any(measured):
        return None
    hosts = {
        host: _of_host(trial, host, steps[LOAD].get(host, {}), summary or {})
        for host, summary in zip(trial.legs["load"], measured, strict=True)
    }
    skew_s, error_s = _apart(list(hosts.values()))
    return {"skew_s": skew_s, "error_s": error_s, "hosts": hosts}


def _apart(hosts: Sequence[Mapping[str, float | None]]) -> tuple[float | None, float | None]:
    """Return the time from the first host's start to the last one's, and by how much that may be wrong, s."""
    late_s = [late for host in hosts if (late := host["late_s"]) is not None]
    errors_s = [error for host in hosts if (error := host["clock_error_s"]) is not None]
    if len(late_s) < len(hosts) or len(errors_s) < len(hosts):
        return None, None
    # as much as two clocks may be off: those that are known least
    return round(max(late_s) - min(late_s), 6), round(sum(sorted(errors_s)[-2:]), 7)


def _of_host(
    trial: Trial, host: str, said: Mapping[str, Any], summary: Mapping[str, Any]
) -> dict[str, float | None]:
    """Return how late a host began, by its own clock, and what is known of that."""
    began_ms = figures.began_ms(summary)
    agreed_s, clock = said.get(AGREED_S), trial.clock(host)
    late_s = None if began_ms is None or agreed_s is None else round(began_ms / 1000 - agreed_s, 6)
    return {
        "late_s": late_s,
        "clock_offset_s": clock["offset_s"] if clock else None,
        "clock_error_s": clock["error_s"] if clock else None,
    }
