"""record.json: everything about one trial but its k6 summary; written by measure when the trial has ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from tripod.runs.formats.declaration import (
    Code,
    Count,
    Integer,
    Measure,
    Name,
    Number,
    Time,
    Whole,
    key,
)


class Seconds(Struct, kw_only=True):
    """How long each step took; null if it was not reached."""

    start: Annotated[Measure | None, key("starting the services", "s")]
    ready: Annotated[Measure | None, key("proving who answers", "s")]
    warmup: Annotated[
        Measure | None, key("the warm-up: its k6, start, drain and end of the process included", "s")
    ]
    measure: Annotated[Measure | None, key("the measurement: its k6, likewise", "s")]
    warmup_drain: Annotated[
        Measure | UnsetType | None,
        key("of the warm-up, what k6 ran on beyond its length, for requests in flight; null likewise", "s"),
    ] = UNSET
    drain: Annotated[
        Measure | UnsetType | None,
        key("of the measurement, likewise; records without it have the other two cut to their lengths", "s"),
    ] = UNSET
    stop: Annotated[Measure | None, key("stopping the services", "s")]
    slept: Annotated[
        Measure | UnsetType | None,
        key(
            "how long the load host that slept most did so from `ready` to the end of `measure`; earlier "
            "records lack it",
            "s",
        ),
    ] = UNSET


class Service(Struct, kw_only=True):
    """A service of the trial."""

    host: Annotated[str, key("where it ran")]
    name: Annotated[str, key("as the service manager knows it")]
    command: Annotated[str, key("what was started")]
    main_pid: Annotated[Whole | None, key("its first process")]
    ready: Annotated[dict[str, Any] | None, key("the answer that proved who serves")]
    log_tail: Annotated[list[str], key("last lines of its log")]


class Services(Struct, kw_only=True):
    """The services of the legs that have one."""

    app: Annotated[Service | None, key("the app")]
    db: Annotated[Service | None, key("the database")]


class K6OfAnyFormat(Struct, kw_only=True):
    """What all format versions of a record say of the measuring k6."""

    version: Annotated[str | None, key("as k6 tells it")]
    exit_code: Annotated[Integer | None, key("null if it did not end")]
    command: Annotated[list[str], key("what was started")]
    log_tail: Annotated[list[str], key("last lines of its log")]


class K6Used(Struct, kw_only=True):
    """What k6's process used from its start to its end, by getrusage(2)."""

    user_s: Annotated[Measure, key("CPU time of its own code", "s")]
    system_s: Annotated[Measure, key("CPU time of the kernel for it", "s")]
    memory_peak_bytes: Annotated[Count, key("most resident memory at once", "bytes")]


class K6(K6OfAnyFormat, kw_only=True):
    """The measuring k6 of one load host."""

    host: Annotated[str, key("the load host")]
    used: Annotated[
        K6Used | UnsetType, key("what the kernel says that its process used; earlier records lack it")
    ] = UNSET
    warmup_requests: Annotated[
        Count | None, key("successful requests of the warm-up, its drain included; null without one")
    ]


class HostStart(Struct, kw_only=True):
    """When one of several load hosts began to measure."""

    late_s: Annotated[
        Number | None, key("after the agreed time, by its own clock; null if its k6 does not say", "s")
    ]
    clock_offset_s: Annotated[
        Number | None,
        key("how far its wall clock is ahead of the first load host's; null if nobody knows", "s"),
    ]
    clock_error_s: Annotated[Measure | None, key("by how much that may be wrong; null likewise", "s")]


class StartSkew(Struct, kw_only=True):
    """How far apart in time the load hosts began to measure."""

    skew_s: Annotated[
        Measure | None, key("from the first to the last; null where that is not known of each", "s")
    ]
    error_s: Annotated[
        Measure | None, key("by how much that may be wrong, since their clocks are apart; null likewise", "s")
    ]
    hosts: Annotated[dict[str, HostStart], key("each of them, by name")]


class Statement(Struct, kw_only=True):
    """A statement as the server counted it."""

    query: Annotated[str, key("without its constants")]
    calls: Annotated[Count, key("how often")]
    rows: Annotated[Count, key("returned or changed")]
    mean_ms: Annotated[Measure, key("execution time, mean", "ms")]
    total_ms: Annotated[Measure, key("execution time, sum", "ms")]


class Database(Struct, kw_only=True):
    """What the database counted over the whole trial, warm-up included."""

    kind: Annotated[str, key("the kind of database")]
    version: Annotated[str, key("the server's")]
    transactions: Annotated[Integer, key("of the app's sessions, rolled back ones included")]
    rows_returned: Annotated[Count, key("rows that scans read for the app's queries")]
    rows_to_client: Annotated[
        Count | None, key("rows that were sent to the app; null where the server counts no statements")
    ]
    connections_opened: Annotated[Integer, key("sessions that the app began")]
    active_peak: Annotated[
        Count | None,
        key("most sessions of the app that worked at once, of the samples; null without a sample"),
    ]
    active_samples: Annotated[Count, key("how often that was looked at")]
    deadlocks: Annotated[Count, key("that the server broke")]
    views_added: Annotated[Count, key("how far the sum of all view counts rose")]
    queries: Annotated[
        Count | None,
        key("statements of the app that read or write rows; null where the server counts no statements"),
    ]
    round_trips: Annotated[
        Count | None, key("all statements of the app, `BEGIN` and `SET` included; null likewise")
    ]
    total_ms: Annotated[Measure | None, key("execution time of all of them; null likewise", "ms")]
    statements: Annotated[
        list[Statement] | None, key("those that took the most time in all, most first; null likewise")
    ]


class LatencyError(Struct, kw_only=True):
    """How late answers were: when each was given minus when it was due; null over no answers."""

    early: Annotated[Count, key("answers before they were due")]
    min: Annotated[float | None, key("least; below 0: early", "ms")]
    mean: Annotated[float | None, key("mean", "ms")]
    max: Annotated[float | None, key("greatest", "ms")]
    quantiles: Annotated[
        dict[str, float | None],
        key("`p50`, `p90`, `p99`, `p99.9`, each the upper bound of its bucket, at most 28 % above", "ms"),
    ]


class AnswersInWindow(Struct, kw_only=True):
    """How exactly the fake database answered in the measured window, by what it counts at moments."""

    seconds: Annotated[Measure, key("length of the window", "s")]
    edge_error_s: Annotated[Measure, key("by how much an edge of it may be off: moments and clocks", "s")]
    answered: Annotated[Count, key("answers, interpolated at the edges")]
    early: Annotated[Count, key("of them, before they were due")]
    mean_ms: Annotated[float | None, key("mean error; null over no answers", "ms")]
    histogram: Annotated[dict[str, Count], key("as that of the whole trial")]


class FakeDatabase(Struct, kw_only=True):
    """What the fake database counted over the whole trial, warm-up included."""

    sleep_ms: Annotated[Measure, key("the latency that it was started with", "ms")]
    timer: Annotated[str, key("what it waited on")]
    requests: Annotated[Count, key("read whole")]
    answered: Annotated[Count, key("of them, given an answer")]
    abandoned: Annotated[Count, key("of them, left behind by a client whose connection broke")]
    in_flight_max: Annotated[Count, key("most requests that waited at once")]
    in_flight_mean: Annotated[
        Measure | None, key("how many waited on average, from the first request to the last answer")
    ]
    held_s: Annotated[
        Measure | UnsetType | None,
        key("sum of the times that requests waited, abandoned ones included; earlier records lack it", "s"),
    ] = UNSET
    window: Annotated[
        AnswersInWindow | UnsetType | None,
        key(
            "the same of the measured window alone; null where nobody knows when that began by its host's "
            "clock; earlier records lack it"
        ),
    ] = UNSET
    connections_total: Annotated[Count, key("that the app opened, and a few of Tripod's own")]
    cpu_s: Annotated[Measure, key("CPU time", "s")]
    errors: Annotated[dict[str, Count], key("refused requests by status")]
    error_ms: Annotated[LatencyError, key("how exactly it kept the latency")]
    histogram: Annotated[
        dict[str, Count],
        key(
            "answers by the upper bound of their error in ms, `more` beyond the last; a bucket's lower bound "
            "is the one before it in `/stats`; empty buckets are left out"
        ),
    ]


class Probe(Struct, kw_only=True):
    """A rate that was offered to see whether it keeps its service level."""

    rate: Annotated[Whole, key("requests offered", "req/s")]
    vus: Annotated[Whole, key("virtual users that were kept ready")]
    seconds: Annotated[Measure, key("for which iterations were due", "s")]
    scheduled: Annotated[Count, key("requests that were due")]
    within: Annotated[Count, key("of them, successful within `slo_ms` from when they were due")]
    dropped_iterations: Annotated[
        Count, key("that found no virtual user; `within` then says too little, and never too much")
    ]
    ok_requests: Annotated[Count, key("successful, however late")]
    missed_share: Annotated[Measure, key("share of the scheduled requests that missed, 0 to 1")]
    confirms: Annotated[bool, key("whether it lasted as long as a measurement")]


class Capacity(Struct, kw_only=True):
    """How the highest rate was looked for that keeps the service level."""

    saturated_rps: Annotated[Measure, key("rate of the closed load before, below which was looked", "req/s")]
    saturated_ok_requests: Annotated[Count, key("successful requests of that load, its drain included")]
    rate: Annotated[Whole | None, key("what was found and confirmed; null: nothing", "req/s")]
    probes: Annotated[
        list[Probe], key("every rate that was tried, in this order; the last one is the measurement")
    ]
    seconds: Annotated[Measure, key("how long all of it took beside the measurement", "s")]

    def __post_init__(self) -> None:
        """Refuse a rate that nothing confirmed."""
        if self.rate is not None and not self.probes:
            raise ValueError("'probes' is [], allowed: 1 entries or more where 'rate' is not null")


class Calibration(Struct, kw_only=True):
    """How long the same fixed work took on a host, the fastest of many; null if it was not come to."""

    before_s: Annotated[Measure | None, key("before the services started", "s")]
    after_s: Annotated[Measure | None, key("after they had stopped", "s")]


Share = Annotated[float, Meta(ge=0, le=1)]
Shares = list[Share]
ProcessId = Annotated[str, Meta(pattern=r"^[0-9]{1,10}$(?!\n)")]


class ServiceActivity(Struct, kw_only=True):
    """What a service did in the measured window; k6, too. A figure is null where nobody could tell."""

    cpu_s: Annotated[Measure | None, key("CPU time of all its processes", "s")]
    processes: Annotated[Count | None, key("most at once")]
    threads: Annotated[Count | None, key("most at once, over all its processes")]
    memory_peak_bytes: Annotated[
        Count | None,
        key("most memory since it started: its cgroup's, else the resident memory of its processes", "bytes"),
    ]
    process_cpu_s: Annotated[dict[ProcessId, Measure], key("process id → CPU time", "s")]
    restarts: Annotated[Count | None, key("by its service manager")]
    throttled_s: Annotated[
        Measure | None, key("how long quotas of the cgroups that it runs in kept it from running", "s")
    ]
    pids_before: Annotated[list[Count] | None, key("its processes as the window began")]
    pids_after: Annotated[list[Count] | None, key("its processes as the window ended")]


class Activity(Struct, kw_only=True):
    """What a host did in the measured window. A figure is null, and not zero, where nobody could tell."""

    host: Annotated[str, key("its name")]
    seconds: Annotated[Measure, key("length of the window", "s")]
    edge_error_s: Annotated[
        Measure | None, key("by how much each edge may be off: samples around it, and clocks", "s")
    ]
    cpus: Annotated[Whole | None, key("cores that the host may use; shares of its cores are of these")]
    core_numbers: Annotated[list[Count] | UnsetType | None, key("which ones these are")] = UNSET
    core_busy: Annotated[Shares | None, key("busy share of each core: all but idle and iowait")]
    core_steal: Annotated[Shares | None, key("share of each core that the hypervisor gave to others")]
    core_iowait: Annotated[Shares | None, key("share of each core that waited for a disk")]
    cpu_s: Annotated[Measure | None, key("CPU time of all processes on those cores", "s")]
    context_switches: Annotated[Count | None, key("in the window")]
    load_1m: Annotated[Measure | None, key("load average at its end")]
    memory_used_max_bytes: Annotated[Count | None, key("most that was not available to programs", "bytes")]
    pressure_cpu: Annotated[
        Share | None, key("share of the window in which a process waited for a CPU (PSI)")
    ]
    pressure_memory: Annotated[Share | None, key("likewise, for memory")]
    pressure_io: Annotated[Share | None, key("likewise, for a disk")]
    bytes_received: Annotated[
        Count | None, key("over all interfaces but loopback; of a host that is all legs, loopback", "bytes")
    ]
    bytes_sent: Annotated[Count | None, key("likewise", "bytes")]
    packets_received: Annotated[Count | None, key("likewise")]
    packets_sent: Annotated[Count | None, key("likewise")]
    listen_overflows: Annotated[Count | None, key("connections that found a full accept queue")]
    listen_drops: Annotated[Count | None, key("SYNs that were dropped")]
    syn_retransmits: Annotated[Count | None, key("SYNs that were sent again")]
    retransmits: Annotated[Count | None, key("segments that were sent again")]
    tcp_timeouts: Annotated[Count | None, key("retransmission timers that fired")]
    connections_opened: Annotated[Count | None, key("by programs of the host")]
    connections_accepted: Annotated[Count | None, key("by the host")]
    clock_step_s: Annotated[
        Number | None, key("how much farther the wall clock went than the monotonic one", "s")
    ]
    services: Annotated[
        dict[str, ServiceActivity], key("what the service of each leg here did; `load` is k6")
    ]


class HostTelemetry(Struct, kw_only=True):
    """What was sampled of a host in a trial, see [telemetry.md](telemetry.md)."""

    began_anew: Annotated[bool, key("whether a sampler had to be started for this trial")]
    clock_offset_s: Annotated[
        Number | None, key("how far its wall clock is ahead of the load host's; null if nobody knows", "s")
    ]
    clock_error_s: Annotated[Measure | None, key("by how much that may be wrong", "s")]
    sampler_cpu_share: Annotated[Measure | None, key("share of one core that the sampler took")]
    lost: Annotated[str | None, key("why there is no `activity`, or why the samples end early")]
    activity: Annotated[Activity | None, key("what it did in the measured window")]
    series: Annotated[str | None, key("all samples of the trial, packed")]


class RecordOfAnyFormat(Struct, kw_only=True):
    """What all format versions of a record have in common."""

    trial: Annotated[Name, key("its name")]
    cell: Annotated[str, key("the cell that it measured")]
    repeat: Annotated[Whole, key("from 1")]
    status: Annotated[Literal["ok", "failed"], key("`failed`: not measured to its end")]
    reasons: Annotated[list[Code], key("codes that the trial itself gave")]
    message: Annotated[str | None, key("why it failed, in words")]
    started_at: Annotated[Time | None, key("start, ISO 8601 in UTC")]
    ended_at: Annotated[Time | None, key("end, ISO 8601 in UTC")]
    seconds: Annotated[Seconds, key("how long each step took; null if it was not reached")]
    target: Annotated[str | None, key("where k6 sent its requests")]
    services: Annotated[Services, key("what served")]
    database: Annotated[
        Database | UnsetType | None,
        key("what PostgreSQL counted over the whole trial; null on `fakedb`, or if it was gone"),
    ] = UNSET
    fakedb: Annotated[
        FakeDatabase | UnsetType | None,
        key("what the fake database counted over the whole trial; null on another, or if it was gone"),
    ] = UNSET
    capacity: Annotated[
        Capacity | UnsetType | None, key("how a capacity was looked for; null with other loads")
    ] = UNSET
    start_skew: Annotated[
        StartSkew | UnsetType | None,
        key("how far apart the load hosts began to measure; null with one of them, or where none did"),
    ] = UNSET
    calibration: Annotated[
        dict[str, Calibration] | UnsetType,
        key("host → how long a fixed work took there; earlier records lack it"),
    ] = UNSET

    telemetry: Annotated[
        dict[str, HostTelemetry] | UnsetType | None,
        key("what was sampled of each host; null with `-e telemetry=false`"),
    ] = UNSET

    def __post_init__(self) -> None:
        """Refuse a failure without a reason, and a time that no calendar has."""
        for name, time in (("started_at", self.started_at), ("ended_at", self.ended_at)):
            try:
                datetime.fromisoformat(time or "2026-01-01")
            except ValueError:
                raise ValueError(f"'{name}' is '{time}', allowed: a time that the calendar has") from None
        if self.status == "failed" and not self.reasons:
            raise ValueError("'reasons' is [], allowed: 1 entries or more where 'status' is failed")


class Record(RecordOfAnyFormat, kw_only=True):
    """Everything about one trial but its k6 summary; written by measure when the trial has ended."""

    format: Annotated[Literal[2], key("format version")]
    k6: Annotated[list[K6], key("the measuring k6 of each load host; empty if it was not started")]
