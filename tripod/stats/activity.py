"""What a host and its services did over the measured window of a trial, as rules and columns read it.

Shares are from 0 to 1. None is what nobody could tell there (no PSI, no cgroups), and never stands for zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ServiceActivity:
    """A service over the window; k6, too.

    Attributes:
        cpu_s: CPU time of all its processes, in seconds.
        processes: most at once.
        threads: most at once, over all its processes.
        memory_peak_bytes: most memory at once since it started.
        process_cpu_s: process id → CPU seconds of each process that was there over the window.
        restarts: by its service manager, since it started.
        throttled_s: how long quotas of the cgroups that it runs in kept it from running.
        pids_before: processes at the window's begin.
        pids_after: at its end.

    """

    cpu_s: float | None = None
    processes: int | None = None
    threads: int | None = None
    memory_peak_bytes: int | None = None
    process_cpu_s: Mapping[int, float] = field(default_factory=dict)
    restarts: int | None = None
    throttled_s: float | None = None
    pids_before: tuple[int, ...] | None = None
    pids_after: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Activity:
    """One host over the measured window.

    Attributes:
        host: its name in the inventory.
        seconds: length of the window that the figures are over.
        edge_error_s: by how much each of its edges may be off: sampling and clocks.
        cpus: cores that the host may use; shares of its cores are of these.
        core_numbers: which ones these are; hosts of one kernel that have none in common share no core.
        core_busy: busy share of each core: all but idle and iowait, steal included.
        core_steal: share of each core that the hypervisor gave to others.
        core_iowait: share of each core that waited for a disk.
        cpu_s: CPU time of all processes on those cores.
        context_switches: in the window.
        load_1m: load average at its end.
        memory_used_max_bytes: most of all samples.
        pressure_cpu: share of the window in which some process waited for a CPU (PSI `some`).
        pressure_memory: likewise, for memory.
        pressure_io: likewise, for a disk.
        bytes_received: over all interfaces but loopback; of a host that stands alone, loopback.
        bytes_sent: likewise.
        packets_received: likewise.
        packets_sent: likewise.
        listen_overflows: connections that found a full accept queue.
        listen_drops: SYNs that were dropped.
        syn_retransmits: SYNs sent again.
        retransmits: segments sent again.
        tcp_timeouts: retransmission timers that fired.
        connections_opened: actively, by connect().
        connections_accepted: passively.
        clock_step_s: how far the wall clock moved against the monotonic one.
        services: leg (`load` for k6) → what its service did.

    """

    host: str
    seconds: float
    edge_error_s: float | None = None
    cpus: int | None = None
    core_numbers: tuple[int, ...] | None = None
    core_busy: tuple[float, ...] | None = None
    core_steal: tuple[float, ...] | None = None
    core_iowait: tuple[float, ...] | None = None
    cpu_s: float | None = None
    context_switches: int | None = None
    load_1m: float | None = None
    memory_used_max_bytes: int | None = None
    pressure_cpu: float | None = None
    pressure_memory: float | None = None
    pressure_io: float | None = None
    bytes_received: int | None = None
    bytes_sent: int | None = None
    packets_received: int | None = None
    packets_sent: int | None = None
    listen_overflows: int | None = None
    listen_drops: int | None = None
    syn_retransmits: int | None = None
    retransmits: int | None = None
    tcp_timeouts: int | None = None
    connections_opened: int | None = None
    connections_accepted: int | None = None
    clock_step_s: float | None = None
    services: Mapping[str, ServiceActivity] = field(default_factory=dict)


def service_of(activity: Mapping[str, Activity], leg: str) -> ServiceActivity | None:
    """Return what the service of a leg did, of leg → activity; None if nothing is known of it."""
    host = activity.get(leg)
    return host.services.get(leg) if host else None


def cores_apart(one: Activity | None, other: Activity | None) -> bool:
    """Return whether two hosts of one kernel are known to have no core in common."""
    if not one or not other or one.core_numbers is None or other.core_numbers is None:
        return False
    return set(one.core_numbers).isdisjoint(other.core_numbers)
