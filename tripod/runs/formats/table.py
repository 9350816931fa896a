"""The table of a run, the content of summary.json: every key with its type, unit and meaning, declared once.

The schema of the file, the tables of docs/results.md and the columns (`tripod/report/columns.py`) are made of
it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from tripod.runs.formats.declaration import Code, Count, Integer, Leg, Measure, Number, Time, Whole, key
from tripod.runs.formats.hosts import RoundTrip, Separation
from tripod.runs.formats.plan import GitState, Ledger, Load, Pool
from tripod.stats.quantiles import SHORTEST_FOR_TAIL_S

# The least and the greatest.
Range = Annotated[list[Measure], Meta(min_length=2, max_length=2)]


class OverTrials(Struct, kw_only=True):
    """The least and the greatest of the good trials' own percentiles."""

    med: Annotated[Range | None, key("of the medians", "ms")]
    p90: Annotated[Range | None, key("of the 90th percentiles", "ms")]
    p95: Annotated[Range | None, key("of the 95th percentiles", "ms")]
    p99: Annotated[Range | None, key("of the 99th percentiles", "ms")]


class Latency(Struct, kw_only=True):
    """A distribution over every request of the cell's good trials."""

    avg: Annotated[Number, key("mean", "ms")]
    min: Annotated[Number, key("shortest", "ms")]
    med: Annotated[
        Number | None, key("half of them took longer; null where fewer than ten values lie beyond", "ms")
    ]
    max: Annotated[Number, key("longest", "ms")]
    p90: Annotated[Number | None, key("10 % of them took longer; null likewise", "ms")]
    p95: Annotated[Number | None, key("5 % of them took longer; null likewise", "ms")]
    p99: Annotated[
        Number | None,
        key(
            "1 % of them took longer; null likewise, and where `duration` was "
            f"less than {SHORTEST_FOR_TAIL_S} s",
            "ms",
        ),
    ]
    range_over_trials: Annotated[
        OverTrials,
        key(
            "least and greatest of the trials' own percentiles; null of one trial, or where one has too few "
            "values"
        ),
    ]


class Neighbour(Struct, kw_only=True):
    """A row compared with the next one below it that has a place."""

    cell: Annotated[str, key("the row below")]
    ratio: Annotated[
        Measure, key("rate ÷ that one's, over the blocks that both have; of an open load its latency ÷ this")
    ]
    interval: Annotated[Range, key("95 % interval of `ratio`, as one comparison by itself")]
    told_apart: Annotated[bool, key("whether they differ, among all comparisons of the group (Holm)")]
    same_place: Annotated[
        bool, key("whether they share a place: told apart from its first row, or not, is what decides that")
    ]
    more_trials: Annotated[
        Whole | None,
        key(
            "further trials of each that would tell them apart, four times in five, if they differ as they "
            "seem to; null where they are, or if it takes more than 100 in all"
        ),
    ]


class DatabaseSide(Struct, kw_only=True):
    """What the database counted over whole trials, and of it per request."""

    requests: Annotated[
        Count, key("successful requests of warm-up and measurement that these figures are per")
    ]
    counts_statements: Annotated[
        bool,
        key("false without `pg_stat_statements`: what is made of it is null, `n/a` in the table"),
    ]
    queries_per_request: Annotated[
        Measure | None, key("statements that read or write rows; must be what the workload says", "/req")
    ]
    round_trips_per_request: Annotated[
        Measure | None, key("all statements, `BEGIN` and `SET` included", "/req")
    ]
    transactions_per_request: Annotated[Number | None, key("transactions, rolled back ones included", "/req")]
    connections_per_request: Annotated[Number | None, key("`connections_opened` over `requests`", "/req")]
    rows_read_per_request: Annotated[Measure | None, key("rows that scans read", "/req")]
    rows_sent_per_request: Annotated[
        Measure | None, key("rows that reached the app: 1, or all of them where a `LIMIT` is missing", "/req")
    ]
    per_request_ms: Annotated[Measure | None, key("execution time in the database for a request", "ms/req")]
    statement_ms: Annotated[
        Measure | None,
        key("mean execution time of the statement that took the most time in all", "ms"),
    ]
    connections_opened: Annotated[
        Integer,
        key("sum over trials, warm-ups included: about one for each request where a stack has no pool"),
    ]
    active_peak: Annotated[Count | None, key("most sessions that worked at once, in any trial")]
    deadlocks: Annotated[Count, key("sum over trials")]


class Cost(Struct, kw_only=True):
    """What requests of a cell cost, in the windows of its good trials; null, `n/a`: nobody could tell."""

    app_cpu_ms_per_request: Annotated[
        Measure | None,
        key("CPU time of all processes of the app, over the requests that make the rate", "ms/req"),
    ]
    db_cpu_ms_per_request: Annotated[Measure | None, key("likewise, of the database's processes", "ms/req")]
    app_cpu_share: Annotated[
        Measure | None, key("what the app used of its host's cores, 1 being all of them")
    ]
    app_busiest_process_share: Annotated[
        Measure | None,
        key("what the app's busiest process used, 1 being a whole core; mean over trials"),
    ]
    app_memory_peak_bytes: Annotated[
        Count | None,
        key(
            "most memory of the app in any trial: its cgroup's peak, files in memory included; without a "
            "cgroup the resident memory of its processes, what they share counted in each",
            "bytes",
        ),
    ]
    app_processes: Annotated[Count | None, key("most processes of the app at once, in any trial")]
    app_threads: Annotated[Count | None, key("most threads at once, over all its processes, in any trial")]
    load_cpu_share: Annotated[
        Measure | None, key("what k6 used of its host's cores; near 1 it is k6 that is measured")
    ]
    connections_opened: Annotated[
        Count | None,
        key(
            "TCP connections that were opened on the load host, sum over trials; where one host is all legs, "
            "those from the app to the database are among them"
        ),
    ]


class Route(Struct, kw_only=True):
    """One route of the load's workload."""

    rps: Annotated[
        Measure | None,
        key(
            "its part of the row's `rps`; null where k6 did not tell them apart, and without a good trial",
            "req/s",
        ),
    ]
    duration_ms: Annotated[Latency | None, key("as that of the row, failed requests included")]


class ServiceLevel(Struct, kw_only=True):
    """How an open load's requests kept their service level, `load.slo_ms`."""

    scheduled_requests: Annotated[Count, key("requests that were due; sum over trials")]
    missed_requests: Annotated[
        Count,
        key(
            "of them, failed, never begun, or later than they may be: lag of their iteration, waiting for a "
            "connection, and `duration_ms`, together"
        ),
    ]
    missed_share: Annotated[Measure, key("the same as a share of the scheduled ones, 0 to 1")]
    dropped_iterations: Annotated[Count, key("iterations that found no virtual user when they were due")]
    lag_known: Annotated[
        bool,
        key(
            "false if a trial dropped iterations: from then on the lag is not known and left out of "
            "`missed_requests`, which is then a lower bound"
        ),
    ]
    lag_ms: Annotated[Latency | None, key("how late iterations began, in the trials in which it is known")]


class Row(Struct, kw_only=True):
    """One cell of the plan: its settings, its figures, its verdict and its place."""

    number: Annotated[
        Whole | UnsetType,
        key("of the row in the table, from 1, by which commands find it; earlier ones lack it"),
    ] = UNSET
    cell: Annotated[str, key("name of the cell")]
    twin_of: Annotated[
        str | None, key("the cell that it is a second name of (`-e aa=true`); null of all others")
    ]
    stack: Annotated[str, key("the stack that it is of")]
    framework: Annotated[
        str | None,
        key("the app's web framework, and its version where the app told it; null of a foreign app"),
    ]
    server: Annotated[
        str | None, key("the server program, and the version of all that takes part in serving, likewise")
    ]
    python: Annotated[str | None, key("version of the interpreter, as the app told; null in earlier runs")]
    mode: Annotated[Literal["sync", "async"], key("as the matrix says")]
    command: Annotated[str, key("the server's command, verbatim")]
    workers: Annotated[Whole, key("worker processes")]
    threads: Annotated[Whole | None, key("threads of each worker; null where the command names none")]
    pool: Annotated[
        Pool | None,
        key("connections of each process's pool; null without one, or on a database that counts none"),
    ]
    ledger: Annotated[
        Ledger | None,
        key(
            "how much it works on at once, and the connections for that; null on a database that counts none"
        ),
    ]
    database: Annotated[str, key("kind of the database")]
    db_sleep_ms: Annotated[
        Measure | None, key("asked latency of the database; null where it is the database's own", "ms")
    ]
    load: Annotated[Load, key("what k6 offers")]
    rank: Annotated[
        Whole | None,
        key(
            "place in its group: 1 + the number of rows with a higher `rps`, bound ones included; where rows "
            "lack trials, with a higher rate over the blocks of all; of an open load, rows in which at most "
            "1 % missed the service level come first, those of the lower p95 before others (of the lower "
            "mean, where one has no p95), and then the rest by what missed it; "
            "null if the row itself is bound, void or failed"
        ),
    ]
    place: Annotated[
        Whole | None,
        key(
            "`rank` of the first row that this one cannot be told apart from, see "
            "[method.md](method.md#places); null likewise, of a row without two good trials, of one that "
            "missed the service level, and of one of which a trial answered nothing in its window"
        ),
    ]
    tied: Annotated[bool, key("whether other rows share the place")]
    places: Annotated[
        Annotated[list[Whole], Meta(min_length=2, max_length=2)] | None,
        key("best and worst place that its comparisons with all others allow; null likewise"),
    ]
    neighbour: Annotated[
        Neighbour | None, key("compared with the next row that has a place; null without one")
    ]
    status: Annotated[Literal["ok", "failed"], key("`failed` if no trial was measured to its end")]
    reasons: Annotated[list[Code], key("codes, see [Reasons](#reasons)")]
    void: Annotated[list[Code], key("of the reasons, those that make the row not to be believed")]
    bound: Annotated[list[Code], key('of them, those that make `rps` true only as "at least"')]
    notes: Annotated[list[Code], key("of them, those that are to be read beside the figures")]
    not_judged: Annotated[
        list[Code], key("codes of the rules that lacked what they need, which is not the same as fine")
    ]
    limited_by: Annotated[
        Literal[
            "errors",
            "k6",
            "load model",
            "database",
            "app CPU",
            "app slots",
            "connection handling",
            "unknown",
        ]
        | None,
        key(
            "what set the rate, see [method.md](method.md#limited-by); null without a trial that was measured"
        ),
    ]
    limited_by_evidence: Annotated[str | None, key("what shows it, in words with figures; null likewise")]
    slots_claimed: Annotated[
        Whole | None,
        key(
            "requests that the command says are worked on at once (threads, greenlets, pools, over all "
            "workers); null if it sets no bound"
        ),
    ]
    slots_seen: Annotated[
        Count | None,
        key("most requests that the database had at once, in any trial; null if it did not tell"),
    ]
    model_rps: Annotated[
        Measure | None,
        key(
            "rate that slots, CPU and load allow, from the trials' own CPU per request: it explains the "
            "rate, and predicts nothing; null without telemetry",
            "req/s",
        ),
    ]
    trials: Annotated[Whole, key("planned")]
    trials_failed: Annotated[Count, key("of them, not measured to their end; they do not enter the figures")]
    requests: Annotated[Count, key("answered or failed, those of the drain included; sum over trials")]
    failed_requests: Annotated[Count, key("of them, failed")]
    failures: Annotated[
        dict[str, Count],
        key(
            "how requests failed, with how many did so, the most first: `timed_out`, `refused`, "
            "`no_connection`, `broken`, `wrong_status`, `wrong_answer` (200 with a body that does not hold, "
            "which `failed_requests` does not count)"
        ),
    ]
    failed_checks: Annotated[Count, key("k6's checks of status and body that failed")]
    iterations: Annotated[Count, key("complete iterations of the workload")]
    rps: Annotated[
        Measure | None,
        key("successful requests completed within `duration`, ÷ `duration`, over all trials", "req/s"),
    ]
    capacity_rps: Annotated[
        Measure | None,
        key(
            "highest rate that was found and confirmed to keep `slo_ms`, mean over good trials; null of "
            "other loads",
            "req/s",
        ),
    ]
    rps_per_trial: Annotated[
        list[Measure],
        key("the same for each good trial, in the order of the repeats; the table shows its range", "req/s"),
    ]
    rps_interval: Annotated[
        Range | None,
        key("95 % interval of `rps` over trials (Student's t); null of fewer than two good ones", "req/s"),
    ]
    rps_cv: Annotated[
        Measure | None,
        key("standard deviation over trials ÷ their mean; null likewise, and of a rate of 0"),
    ]
    ceiling_rps: Annotated[
        Measure | None,
        key(
            "rate that a closed load cannot exceed; null if it has no such limit, and of an open load",
            "req/s",
        ),
    ]
    service_level: Annotated[
        ServiceLevel | None, key("how requests kept it; null of a closed load, and without a good trial")
    ]
    db: Annotated[DatabaseSide | None, key("the database's side; null if it counted nothing, as `fakedb`")]
    cost: Annotated[Cost | None, key("what requests cost; null without telemetry")]
    duration_ms: Annotated[
        Latency | None,
        key("from sending a request to the end of its answer, successful ones only; null without any"),
    ]
    blocked_ms: Annotated[
        Latency | None, key("waiting for a connection and connecting, which `duration_ms` does not contain")
    ]
    iteration_ms: Annotated[Latency | None, key("a whole iteration, pauses included")]
    route_duration_ms: Annotated[
        dict[str, Latency | None], key("`duration_ms` of each of `routes`; stays for readers that know it")
    ]
    routes: Annotated[
        dict[str, Route],
        key("each route's rate and latency, by name: over `/` and `/api` together they say little"),
    ]


class Sampler(Struct, kw_only=True):
    """What telemetry itself cost on a host."""

    host: Annotated[str, key("name in the inventory")]
    cpu_share: Annotated[
        Measure | None,
        key("share of one core that its sampler took, the mean over trials; null if it never ran"),
    ]
    trials_lost: Annotated[Count, key("trials with a record that lack this host's activity")]


class Host(Struct, kw_only=True):
    """A host as observed; where hosts.json cannot be read, as planned."""

    host: Annotated[str, key("name in the inventory")]
    legs: Annotated[list[Leg], key("which it is")]
    address: Annotated[str | None, key("where load and database traffic goes")]
    system: Annotated[str | None, key("distribution and version")]
    cpu_model: Annotated[str | None, key("as the processor names itself")]
    cpus: Annotated[Whole | None, key("that the host may use")]


class Pair(Struct, kw_only=True):
    """Two legs, of which one calls the other."""

    from_: Annotated[Leg, key("the leg that calls")] = field(name="from")
    from_host: Annotated[str | UnsetType, key("the host of that leg that calls")] = UNSET
    to: Annotated[Leg, key("the leg that is called")]
    round_trip_ms: Annotated[RoundTrip, key("TCP round trip, which every latency contains")]
    separation: Annotated[Separation, key("how far they stand apart")]


class LegSeparation(Struct, kw_only=True):
    """How far two legs stand apart."""

    legs: Annotated[list[Leg], key("the two")]
    separation: Annotated[Separation, key("how far they stand apart")]


class Failure(Struct, kw_only=True):
    """A trial that was not measured to its end."""

    trial: Annotated[str, key("its name")]
    cell: Annotated[str, key("the cell that it should have measured")]
    reasons: Annotated[list[Code], key("codes, see [Reasons](#reasons)")]
    message: Annotated[str | None, key("the same in words")]


class MeasuredAgain(Struct, kw_only=True):
    """A trial of a run that was continued, which took another's place."""

    trial: Annotated[str, key("its name")]
    instead_of: Annotated[str, key("the one that does not count any more, and whose files stay")]
    why: Annotated[str, key("why that one does not")]


class Finding(Struct, kw_only=True):
    """A sentence that the data support."""

    sentence: Annotated[str, key("as people read it")]
    kind: Annotated[Code, key("the rule that made it, see below")]
    cells: Annotated[list[str], key("the cells that it is about")]
    data: Annotated[dict[str, float | str | None], key("the figures in it, by name")]


class Contrast(Struct, kw_only=True):
    """A claim of the matrix, and what the run says of it."""

    claim: Annotated[str, key("as the matrix has it")]
    answer: Annotated[
        Literal["confirmed", "contradicted", "cannot-be-told"],
        key("whether the interval is all within the claim, all outside, or neither"),
    ]
    ratio: Annotated[
        Measure | None,
        key("rate of the first cell ÷ that of the second, over blocks; null if they cannot be compared"),
    ]
    interval: Annotated[
        Range | None, key("of the ratio; those of all contrasts hold together in 95 % of runs; null likewise")
    ]
    cells: Annotated[Annotated[list[str], Meta(min_length=2, max_length=2)], key("the two")]
    why: Annotated[str | None, key("why it cannot be told; null where it can")]


class Table(Struct, kw_only=True):
    """What the table shows; written by the table stage, which may write it again."""

    format: Annotated[Literal[1], key("format version")]
    run_id: Annotated[str, key("name of the run's directory")]
    matrix: Annotated[str, key("name of the matrix")]
    created_at: Annotated[Time, key("when the plan was made")]
    outcome: Annotated[
        Literal["completed", "interrupted", "failed", "unknown"],
        key("as in end.json; `unknown` without a usable one"),
    ]
    message: Annotated[str | None, key("why the run did not complete")]
    seed: Annotated[Integer, key("of the order of the trials")]
    git: Annotated[GitState, key("the checkout that planned the run, or last continued it")]
    inventory: Annotated[list[str], key("the inventory files used")]
    k6_versions: Annotated[list[str], key("of all load hosts, each once")]
    database_versions: Annotated[
        list[str], key("name and version of the databases that counted; none for `fakedb`")
    ]
    separation: Annotated[
        Separation | None,
        key("of the two legs that stand least apart; null if hosts.json cannot be read, or does not tell"),
    ]
    separations: Annotated[list[LegSeparation], key("of every two legs that were compared")]
    hosts: Annotated[list[Host], key("the hosts as observed")]
    pairs: Annotated[list[Pair], key("load to app, and app to db")]
    continuations: Annotated[Count, key("how often the run was gone on with")]
    measured_again: Annotated[list[MeasuredAgain], key("the trials that took the place of others then")]
    cells: Annotated[Whole, key("planned; `rows` has fewer where some were chosen")]
    trials: Annotated[Whole, key("planned")]
    trials_failed: Annotated[Count, key("of them, not measured to their end")]
    measure_seconds: Annotated[
        Measure | None, key("wall time of the measure stage; null of a run that was continued", "s")
    ]
    harness_seconds_per_trial: Annotated[
        Number | None,
        key(
            "wall time of the measure stage minus all warm-ups and measurements, their drains included, over "
            "the trials that have a record; null of a run that was continued",
            "s",
        ),
    ]
    telemetry: Annotated[
        list[Sampler], key("what telemetry itself cost on each host; empty if no trial had it")
    ]
    rows: Annotated[
        list[Row],
        key("one for each cell, in the order of the table"),
    ]
    findings: Annotated[
        list[Finding], key("what the rows and their ratios support, in sentences; empty of runs without any")
    ]
    contrasts: Annotated[list[Contrast], key("the matrix's claims, and what the run says of them")]
    failures: Annotated[list[Failure], key("every trial that failed")]
    caveats: Annotated[
        list[str],
        key(
            "a line for each host that is not ready for measurements in all points, or not known to be; and "
            "for each whose clock went astray between the first trial and the last"
        ),
    ]
    problems: Annotated[list[str], key("every file that was refused or is missing, with the reason")]
