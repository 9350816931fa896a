"""What speaks against the hosts of a run, as it was seen before the first trial and after the last one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tripod.runs.results import Run
from tripod.runs.stints import Stint


def of_hosts(hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a line for each host that is not ready in every point, or of which that is not known.

    Args:
        hosts: name → host, as hosts.json has them.

    """
    told = {name: _caveat(host.get("readiness")) for name, host in hosts.items()}
    return [f"{name}: {caveat}" for name, caveat in told.items() if caveat]


def of_clocks(run: Run) -> list[str]:
    """Return a line for each host whose clock did not stay where it was, as what was sampled there supposes.

    It is told where the offsets before and after the trials differ by more than both may be wrong.
    """
    return [line for stint in run.stints for line in _of_clocks(stint, run)]


def _of_clocks(stint: Stint, run: Run) -> list[str]:
    supposed = _supposed(run, {trial["trial"] for trial in stint.plan["trials"]})
    told = []
    for host, after in ((stint.end or {}).get("clocks") or {}).items():
        offset_s, error_s = supposed.get(host, (None, None))
        if offset_s is None or error_s is None:
            continue
        moved_s = after["offset_s"] - offset_s
        if abs(moved_s) > after["error_s"] + error_s:
            off = "the window of what was sampled there is off by up to as much"
            if host in run.plan["legs"]["load"]:
                off += ", and so is the time at which it began to measure"
            went = f"{moved_s * 1000:+.1f} ms against the load host's during the trials"
            told.append(f"{host}: its clock went {went}; {off}")
    return told


def _supposed(run: Run, names: Collection[str]) -> dict[str, tuple[float | None, float | None]]:
    """Return host → how far its clock was ahead before these trials, and the error, as records have it."""
    found: dict[str, tuple[float | None, float | None]] = {}
    for trial in (known for known in run.trials if known.name in names):
        record = trial.record or {}
        shared = (record.get("start_skew") or {}).get("hosts") or {}
        for host, told in (*(record.get("telemetry") or {}).items(), *shared.items()):
            found.setdefault(host, (told["clock_offset_s"], told["clock_error_s"]))
    return found


def _caveat(points: Sequence[Mapping[str, Any]] | None) -> str:
    if points is None:
        return "readiness was not observed"
    found = {
        state: [point["what"] for point in points if point["state"] == state]
        for state in ("not ready", "not known")
    }
    return "; ".join(f"{state}: {', '.join(those)}" for state, those in found.items() if those)
