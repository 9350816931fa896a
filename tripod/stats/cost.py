"""What a cell's requests cost: CPU, memory, processes and threads, from the activity of its good trials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tripod.stats.activity import Activity, ServiceActivity, service_of

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Watched:
    """A trial of which telemetry is known.

    Attributes:
        activity: leg → what its host did; of several load hosts, the first.
        ok_requests: successes of its window.
        loads: what each load host did, None if unknown; empty where there is one, which `activity` has.

    """

    activity: Mapping[str, Activity]
    ok_requests: int
    loads: tuple[Activity | None, ...] = ()

    def hosts(self, leg: str) -> tuple[Activity, ...]:
        """Return what the hosts of a leg did; nothing if one of them is unknown."""
        known = self.loads if leg == "load" and self.loads else (self.activity.get(leg),)
        found = tuple(host for host in known if host is not None)
        return found if len(found) == len(known) else ()


def cost(trials: Sequence[Watched]) -> dict[str, Any] | None:
    """Return the cost of a cell, as `tripod.runs.formats.table.Cost` declares it; None without telemetry.

    Shares and times per request are sums over sums of all trials, peaks are those of any trial. A figure is
    None where no trial knows it; trials that do not know it are left out of it, with their requests.
    """
    if not any(trial.activity for trial in trials):
        return None
    activities = [trial.activity for trial in trials]
    return {
        "app_cpu_ms_per_request": _in_ms(cpu_s_per_request(trials, "app")),
        "db_cpu_ms_per_request": _in_ms(cpu_s_per_request(trials, "db")),
        "app_cpu_share": cpu_share(activities, "app"),
        "app_busiest_process_share": busiest_process_share(activities, "app"),
        "app_memory_peak_bytes": _most(service.memory_peak_bytes for service in _services(trials, "app")),
        "app_processes": _most(service.processes for service in _services(trials, "app")),
        "app_threads": _most(service.threads for service in _services(trials, "app")),
        "load_cpu_share": cpu_share(
            [{"load": host} for trial in trials for host in trial.hosts("load")], "load"
        ),
        "connections_opened": _sum(_connections(trial) for trial in trials),
    }


def cpu_s_per_request(trials: Sequence[Watched], leg: str) -> float | None:
    """Return the CPU time of a leg's service for a request, in seconds; None if unknown, or without one."""
    spent = [(_cpu_s(trial, leg), trial.ok_requests) for trial in trials]
    return _ratio([(cpu_s, requests) for cpu_s, requests in spent if cpu_s is not None])


def _cpu_s(trial: Watched, leg: str) -> float | None:
    """Return the CPU time of a leg's services, of all its hosts; None if one of them is unknown."""
    services = [host.services.get(leg) for host in trial.hosts(leg)]
    known = [service.cpu_s for service in services if service and service.cpu_s is not None]
    return sum(known) if services and len(known) == len(services) else None


def _services(trials: Iterable[Watched], leg: str) -> list[ServiceActivity]:
    found = (service_of(trial.activity, leg) for trial in trials)
    return [service for service in found if service is not None]


def cpu_share(trials: Sequence[Mapping[str, Activity]], leg: str) -> float | None:
    """Return the share of the cores of its host that a leg's service used; None if unknown.

    Args:
        trials: leg → activity of each.
        leg: whose service.

    """
    known = [
        (service.cpu_s, host.seconds * host.cpus)
        for activity in trials
        if (host := activity.get(leg))
        and host.cpus
        and (service := host.services.get(leg))
        and service.cpu_s is not None
    ]
    return _ratio(known)


def busiest_process_share(trials: Sequence[Mapping[str, Activity]], leg: str) -> float | None:
    """Return the mean over trials of the busiest process's share of a core: PIDs differ between trials.

    None if unknown; the arguments are those of `cpu_share`.
    """
    known = [
        (max(service.process_cpu_s.values()), activity[leg].seconds)
        for activity in trials
        if (service := service_of(activity, leg)) and service.process_cpu_s
    ]
    return _ratio(known)


def _connections(trial: Watched) -> int | None:
    """Return the connections that the load hosts opened in the window."""
    opened = [host.connections_opened for host in trial.hosts("load")]
    return None if None in opened else _sum(opened)


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _ratio(known: Sequence[tuple[float, float]]) -> float | None:
    above, below = (sum(pair[part] for pair in known) for part in (0, 1))
    return above / below if below else None


def _most(values: Iterable[N | None]) -> N | None:
    return _of(max, values)


def _sum(values: Iterable[N | None]) -> N | None:
    return _of(sum, values)


def _of(function: Callable[[list[N]], N], values: Iterable[N | None]) -> N | None:
    known = [value for value in values if value is not None]
    return function(known) if known else None
