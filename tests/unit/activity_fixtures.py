"""What hosts did over the window of a trial, made by hand: evidence for rules."""

from __future__ import annotations

import dataclasses
from typing import Any

from tripod.stats.activity import Activity, ServiceActivity

WINDOW_S = 60.0
CPUS = 2
WORKER, KEEPER = 412, 411


def service(share: float, *workers: float, **changes: Any) -> ServiceActivity:
    """Return a service that used a share of its host's cores; `workers` are of a core, a process each."""
    processes = {WORKER + number: used * WINDOW_S for number, used in enumerate(workers)}
    pids = (KEEPER, *processes)
    told = ServiceActivity(
        cpu_s=share * CPUS * WINDOW_S,
        processes=len(pids),
        threads=len(pids),
        process_cpu_s={KEEPER: 0.01, **processes},
        restarts=0,
        throttled_s=0.0,
        pids_before=pids,
        pids_after=pids,
    )
    return dataclasses.replace(told, **changes)


def host(leg: str, served: ServiceActivity, busy: tuple[float, ...], **changes: Any) -> Activity:
    """Return a host of one leg, quiet but for its service."""
    told = Activity(
        host=f"tripod-{leg}",
        seconds=WINDOW_S,
        cpus=CPUS,
        core_busy=busy,
        core_steal=(0.0,) * CPUS,
        cpu_s=sum(busy) * WINDOW_S,
        pressure_cpu=0.03,
        listen_overflows=0,
        listen_drops=0,
        clock_step_s=0.0,
        services={leg: served},
    )
    return dataclasses.replace(told, **changes)


def activity(  # noqa: PLR0913 - all by name, each is a share
    *,
    app: float = 0.4,
    app_workers: tuple[float, ...] = (0.8,),
    load: float = 0.1,
    db: float = 0.05,
    db_process: float = 0.1,
    app_changes: dict[str, Any] | None = None,
    service_changes: dict[str, Any] | None = None,
    load_changes: dict[str, Any] | None = None,
) -> dict[str, Activity]:
    """Return three hosts that stand apart, each with two cores; shares are of all cores of the host.

    As it stands one process of the app is busy enough for the load not to be what limits, and not enough to
    be the limit itself.
    """
    return {
        # k6 has no cgroup of its own
        "load": host(
            "load", service(load, 2 * load, throttled_s=None), (2 * load, 0.0), **load_changes or {}
        ),
        "app": host(
            "app", service(app, *app_workers, **service_changes or {}), (2 * app, 0.0), **app_changes or {}
        ),
        "db": host("db", service(db, db_process), (2 * db, 0.0)),
    }
