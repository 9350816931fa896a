"""Telemetry of a trial: what each host's sampler told, cut to the measured window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from tripod.stats import figures
from tripod.stats.activity import Activity, ServiceActivity
from tripod.stats.series import Series, SeriesError
from tripod.trial.steps import LOAD, START, STOP, Steps
from tripod.trial.told import SERVICE_OF, Trial


def telemetry(trial: Trial, steps: Steps, measured: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the part `telemetry` of record.json: host → what was sampled there; None if nothing was to be.

    Args:
        trial: the trial.
        steps: what its hosts said.
        measured: what k6 summed up of the measurement on the load host; None if it did not come so far.

    """
    if not trial.sampled:
        return None
    hosts = dict.fromkeys(host for leg in trial.legs.values() for host in leg)
    return {host: _of_host(host, trial, steps, measured) for host in hosts}


@dataclass(frozen=True)
class Begin:
    """When the measured window began, on a host's wall clock.

    Attributes:
        wall_us: since the epoch.
        error_s: by how much it may be off, for clocks differ.

    """

    wall_us: float
    error_s: float


def begin_of(host: str, trial: Trial, measured: Mapping[str, Any] | None) -> Begin:
    """Return when the measured window began; raises SeriesError if that cannot be told.

    Args:
        host: by whose clock.
        trial: the trial.
        measured: as `telemetry` takes it.

    """
    clock = trial.clock(host)
    if clock is None:
        raise SeriesError("how far its clock is from the load host's is not known")
    began_ms = figures.began_ms(measured or {})
    if began_ms is None:
        raise SeriesError("there is no measured window: k6 does not say when it began")
    return Begin(began_ms * 1000 + clock["offset_s"] * 1e6, clock["error_s"])


def _of_host(host: str, trial: Trial, steps: Steps, measured: Mapping[str, Any] | None) -> dict[str, Any]:
    begun = steps[START].get(host, {}).get("telemetry") or {}
    said = steps[STOP].get(host, {}).get("telemetry") or {}
    clock = trial.clock(host)
    found: dict[str, Any] = {
        "began_anew": bool(begun.get("started")),
        "clock_offset_s": clock["offset_s"] if clock else None,
        "clock_error_s": clock["error_s"] if clock else None,
        "sampler_cpu_share": None,
        "series": said.get("series"),
        "activity": None,
        "lost": said.get("lost") or begun.get("lost"),
    }
    if found["series"] is None:
        return found | {"lost": found["lost"] or "the host did not tell what was sampled"}
    try:
        series = Series(found["series"])
        found["sampler_cpu_share"] = series.sampler_share()
        found["activity"] = asdict(_cut(host, series, trial, steps, measured))
    except SeriesError as error:
        found["lost"] = found["lost"] or str(error)
    except Exception as error:  # noqa: BLE001 - whatever a sampler wrote, the trial has its record
        why = f"the samples cannot be read: {type(error).__name__}: {error}"
        found["lost"] = found["lost"] or why
    return found


def _cut(
    host: str, series: Series, trial: Trial, steps: Steps, measured: Mapping[str, Any] | None
) -> Activity:
    """Return what a host did in the window; raises SeriesError if that cannot be told."""
    begun = begin_of(host, trial, measured)
    window = series.host.window(begun.wall_us, trial.cell["load"]["duration_s"])
    alone = {host} == {name for names in trial.legs.values() for name in names}
    activity = series.activity(host, window, alone=alone, clock_error_s=begun.error_s)
    services = {
        leg: _completed(leg, host, service, trial, steps) for leg, service in activity.services.items()
    }
    return replace(activity, services=services)


def _completed(leg: str, host: str, service: ServiceActivity, trial: Trial, steps: Steps) -> ServiceActivity:
    """Add what the sampler does not see: restarts by the service manager, and what the kernel says of k6."""
    if leg == "load":
        used = (steps[LOAD].get(host, {}).get("k6") or {}).get("used") or {}
        return replace(
            service, memory_peak_bytes=used.get("memory_peak_bytes", service.memory_peak_bytes), restarts=0
        )
    name = trial.cell[SERVICE_OF[leg]]
    pids = [
        steps[step].get(host, {}).get("services", {}).get(name, {}).get("main_pid") for step in (START, STOP)
    ]
    return replace(service, restarts=None if None in pids else int(pids[0] != pids[1]))
