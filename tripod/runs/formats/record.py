"""record.json: everything about one trial but its k6 summary; written by measure when the trial has ended."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Struct, UnsetType

from tripod.runs.formats.declaration import Code, Count, Integer, Measure, Name, Time, Whole, key


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
            "how long the load host slept from `ready` to the end of `measure`; earlier records lack it", "s"
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


class K6(K6OfAnyFormat, kw_only=True):
    """The measuring k6 of one load host."""

    host: Annotated[str, key("the load host")]
    warmup_requests: Annotated[
        Count | None, key("successful requests of the warm-up, its drain included; null without one")
    ]


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


class Calibration(Struct, kw_only=True):
    """How long the same fixed work took on a host, the fastest of many; null if it was not come to."""

    before_s: Annotated[Measure | None, key("before the services started", "s")]
    after_s: Annotated[Measure | None, key("after they had stopped", "s")]


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
    calibration: Annotated[
        dict[str, Calibration] | UnsetType,
        key("host → how long a fixed work took there; earlier records lack it"),
    ] = UNSET

    def __post_init__(self) -> None:
        """Refuse a failure without a reason."""
        if self.status == "failed" and not self.reasons:
            raise ValueError("'reasons' is [], allowed: 1 entries or more where 'status' is failed")


class Record(RecordOfAnyFormat, kw_only=True):
    """Everything about one trial but its k6 summary; written by measure when the trial has ended."""

    format: Annotated[Literal[2], key("format version")]
    k6: Annotated[list[K6], key("the measuring k6 of each load host; empty if it was not started")]
