"""record.json: everything about one trial but its k6 summary; written by measure when the trial has ended."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Struct, UnsetType

from tripod.runs.formats.declaration import Code, Count, Integer, Measure, Name, Time, Whole, key


class Seconds(Struct, kw_only=True):
    """How long each step took; null if it was not reached."""

    start: Annotated[Measure | None, key("starting the services", "s")]
    ready: Annotated[Measure | None, key("proving who answers", "s")]
    warmup: Annotated[Measure | None, key("the warm-up", "s")]
    measure: Annotated[Measure | None, key("the measurement", "s")]
    stop: Annotated[Measure | None, key("stopping the services", "s")]


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
        key("what the database counted over the whole trial; null if it counts nothing, as `fakedb`"),
    ] = UNSET

    def __post_init__(self) -> None:
        """Refuse a failure without a reason."""
        if self.status == "failed" and not self.reasons:
            raise ValueError("'reasons' is [], allowed: 1 entries or more where 'status' is failed")


class Record(RecordOfAnyFormat, kw_only=True):
    """Everything about one trial but its k6 summary; written by measure when the trial has ended."""

    format: Annotated[Literal[2], key("format version")]
    k6: Annotated[list[K6], key("the measuring k6 of each load host; empty if it was not started")]
