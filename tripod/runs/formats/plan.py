"""plan.json: the ordered list of a run's trials and all that was asked for; written once, by the plan."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from tripod.runs.formats.declaration import MOST, Integer, Leg, Measure, Name, Time, Whole, key

Positive = Annotated[float, Meta(gt=0, le=MOST)]
Seconds = Annotated[float, Meta(ge=0.001, le=MOST)]
OneHost = Annotated[list[str], Meta(min_length=1, max_length=1)]


class Pool(Struct, kw_only=True):
    """Connections of each process's pool."""

    min: Annotated[Whole, key("that it keeps open")]
    max: Annotated[Whole, key("that it may open")]


class Ledger(Struct, kw_only=True):
    """How much a cell works on at once, and the connections that this takes."""

    slots: Annotated[Whole, key("requests that it works on at once: threads or pools, whichever are fewer")]
    pool_max_total: Annotated[
        Whole | None, key("connections of the pools of all workers; null without pools")
    ]
    connections_max: Annotated[Whole, key("connections that it may open")]
    max_connections: Annotated[Whole, key("the server's limit")]


class Load(Struct, kw_only=True):
    """What k6 offers; plans from before loads had names lack what is not required here."""

    name: Annotated[str | UnsetType, key("as the matrix has it; earlier: `script`")] = UNSET
    script: Annotated[str, key("the k6 workload")]
    shape: Annotated[
        Literal["constant-vus", "constant-arrival-rate", "capacity"] | UnsetType,
        key(
            "k6's executor, or `capacity`: the highest rate that keeps `slo_ms` is looked for; earlier: "
            "`constant-vus`"
        ),
    ] = UNSET
    model: Annotated[
        Literal["closed", "open"] | UnsetType,
        key(
            "`closed`: a user begins an iteration when his last one has ended; `open`: iterations begin by "
            "the clock; earlier: `closed`"
        ),
    ] = UNSET
    vus: Annotated[
        Whole,
        key(
            "virtual users; of an open load those that are kept ready, of a capacity load those that "
            "saturate first"
        ),
    ]
    rate: Annotated[
        Whole | UnsetType | None,
        key("requests offered; null of a closed load and of a capacity load", "req/s"),
    ] = UNSET
    slo_ms: Annotated[
        Whole | UnsetType | None,
        key("service level: what a request may take from when it is due; null of a closed load", "ms"),
    ] = UNSET
    pause_s: Annotated[
        Measure | UnsetType | None, key("what a user sleeps in an iteration; null: as its script has it", "s")
    ] = UNSET
    route: Annotated[
        str | UnsetType | None, key("the only route that is asked for; null: all that the script asks for")
    ] = UNSET
    keepalive: Annotated[bool | UnsetType, key("false: a connection for each request; earlier: true")] = UNSET
    duration_s: Annotated[Seconds, key("length of a measurement", "s")]
    warmup_s: Annotated[Measure, key("length of the warm-up before it", "s")]


class Patience(Struct, kw_only=True):
    """How long the load's users wait; runs without it waited 20 s, and drained for 30 s."""

    request_s: Annotated[Measure, key("what a request may take", "s")]
    drain_s: Annotated[Measure, key("how long iterations in flight may go on after the duration", "s")]


class Matrix(Struct, kw_only=True):
    """The matrix of the run."""

    name: Annotated[str, key("its name")]
    path: Annotated[str, key("as the user gave it, or inside the checkout")]
    content: Annotated[dict[str, Any], key("the matrix file as read, with what it extends")]


class GitState(Struct, kw_only=True):
    """The checkout that planned the run."""

    commit: Annotated[str | None, key("null outside a repository")]
    dirty: Annotated[bool | None, key("whether it had uncommitted changes")]


class PlannedHost(Struct, kw_only=True):
    """A host of the inventory, with its variables beside this key."""

    legs: Annotated[Annotated[list[Leg], Meta(min_length=1)], key("which it is")]


class Legs(Struct, kw_only=True):
    """The hosts of each leg."""

    load: Annotated[Annotated[list[str], Meta(min_length=1)], key("the load hosts")]
    app: Annotated[OneHost, key("the app host")]
    db: Annotated[OneHost, key("the DB host")]


class PlannedCell(Struct, kw_only=True):
    """A stack with every parameter fixed."""

    cell: Annotated[Name, key("its name")]
    stack: Annotated[str, key("the stack that it is of")]
    framework: Annotated[
        str | UnsetType | None,
        key("package of the app's web framework; null of an app that is not in `apps/`"),
    ] = UNSET
    server: Annotated[str | UnsetType, key("the server program")] = UNSET
    mode: Annotated[Literal["sync", "async"], key("as the matrix says")]
    command: Annotated[str, key("as a person would type it")]
    workers: Annotated[Whole, key("worker processes")]
    threads: Annotated[Whole | None, key("threads of each worker; null where the command names none")]
    pool: Annotated[
        Pool | UnsetType | None,
        key("connections of each process's pool; null without one, or on a database that counts none"),
    ] = UNSET
    ledger: Annotated[
        Ledger | UnsetType | None,
        key(
            "how much it works on at once, and the connections for that; null on a database that counts none"
        ),
    ] = UNSET
    database: Annotated[str, key("kind of the database")]
    db_sleep_ms: Annotated[
        Measure | None, key("asked latency of the database; null where it is the database's own", "ms")
    ]
    twin_of: Annotated[
        str | UnsetType | None,
        key("the cell that it is a second name of (`-e aa=true`); null of all others"),
    ] = UNSET
    slots: Annotated[
        Whole | UnsetType | None,
        key("requests that it claims to work on at once, by command, app and pool; null: as many as come"),
    ] = UNSET
    requests_per_iteration: Annotated[Whole | UnsetType, key("requests of one iteration of the load")] = UNSET
    db_calls_per_request: Annotated[
        Measure | UnsetType, key("how often a request of the load waits for the database, on average")
    ] = UNSET
    queries_per_request: Annotated[
        Measure | UnsetType | None,
        key("what a request asks of the database; null where no real one is asked"),
    ] = UNSET
    views_per_request: Annotated[
        Measure | UnsetType | None,
        key("how far a request raises the sum of all view counts; null where no real database is asked"),
    ] = UNSET
    load: Annotated[Load, key("what k6 offers")]
    ceiling_rps: Annotated[
        Positive | None,
        key(
            "rate that a closed load cannot exceed; null if it has no such limit, and of an open load",
            "req/s",
        ),
    ]
    patience: Annotated[Patience | UnsetType, key("how long the load's users wait")] = UNSET
    service: Annotated[str, key("the app's service")]
    db_service: Annotated[str, key("the database's service")]


class PlannedTrial(Struct, kw_only=True):
    """One measured k6 run of a cell."""

    trial: Annotated[Name, key("its name")]
    cell: Annotated[str, key("the cell that it measures")]
    repeat: Annotated[Whole, key("from 1")]
    block: Annotated[
        Whole | UnsetType,
        key(
            "trials of one block were measured close together, and are compared with each other; without it: "
            "`repeat`"
        ),
    ] = UNSET
    instead_of: Annotated[
        Name | UnsetType,
        key("in a continuation: the trial whose place it takes, and whose files stay"),
    ] = UNSET
    why: Annotated[str | UnsetType, key("in a continuation: why that one does not count")] = UNSET


class Fingerprint(Struct, kw_only=True):
    """What a trial was measured with; SHA-256 of the content."""

    code: Annotated[
        dict[str, str], key("directory of the checkout that hosts run, or are told by → of all its files")
    ]
    locks: Annotated[dict[str, str], key("file of pinned packages → of its content")]


class Repeats(Struct, kw_only=True):
    """How often each cell is measured, and what that buys."""

    count: Annotated[Whole, key("trials of each cell")]
    chosen_by: Annotated[
        Literal["matrix", "repeats", "budget", "precision"],
        key("the parameter that says so; `matrix`: none, so the matrix does"),
    ]
    expected_precision: Annotated[
        Measure | None,
        key(
            "how far the 95 % interval of a ratio of two cells is expected to reach, as a share of it; null "
            "of one trial or one cell"
        ),
    ]
    expected_deviation: Annotated[
        Measure,
        key("what that is made of: standard deviation of a trial's rate within a block, as a share of it"),
    ]


class PlannedContrast(Struct, kw_only=True):
    """A claim of the matrix on the ratio of two cells."""

    claim: Annotated[str, key("as the matrix has it")]
    cells: Annotated[Annotated[list[str], Meta(min_length=2, max_length=2)], key("the two, of one group")]
    by: Annotated[
        Measure | None,
        key("the first does so many times the rate of the second, or more; null: they are the same"),
    ]
    within: Annotated[
        Measure | None, key("they differ by at most this share, to either side; null: one is faster")
    ]


class PlanOfAnyFormat(Struct, kw_only=True):
    """What all format versions of a plan have in common."""

    run_id: Annotated[Name, key("name of the run's directory")]
    created_at: Annotated[Time, key("when the plan was made, ISO 8601 in UTC")]
    matrix: Annotated[Matrix, key("the matrix of the run")]
    parameters: Annotated[dict[str, Any], key("every parameter of the run, resolved")]
    seed: Annotated[Integer, key("of the order of the trials")]
    git: Annotated[GitState, key("the checkout that planned the run")]
    tools: Annotated[dict[str, str | None], key("version of each tool on the controller")]
    inventory: Annotated[list[str], key("inventory files, relative to the checkout or absolute")]
    hosts: Annotated[Annotated[dict[str, PlannedHost], Meta(min_length=1)], key("by name")]
    database: Annotated[str | UnsetType, key("kind of the run's database")] = UNSET
    services: Annotated[list[Any], key("every service of the run")]
    cells: Annotated[Annotated[list[PlannedCell], Meta(min_length=1)], key("in the order of the matrix")]
    trials: Annotated[Annotated[list[PlannedTrial], Meta(min_length=1)], key("in the order of measurement")]
    repeats: Annotated[Repeats | UnsetType, key("how often each cell is measured")] = UNSET
    contrasts: Annotated[
        list[PlannedContrast] | UnsetType, key("the matrix's claims on cells that the run has")
    ] = UNSET
    expected_seconds: Annotated[Measure, key("of the measure stage", "s")]


class Plan(PlanOfAnyFormat, kw_only=True):
    """The ordered list of a run's trials and everything that was asked for; written once, by the plan."""

    format: Annotated[Literal[2], key("format version")]
    legs: Annotated[Legs, key("which hosts are which leg")]
    given: Annotated[
        dict[str, Any] | UnsetType,
        key("what the user said of `parameters`; runs from before lack it, and cannot be continued"),
    ] = UNSET
    fingerprint: Annotated[
        Fingerprint | UnsetType, key("what its trials are measured with; runs from before lack it")
    ] = UNSET
    continuation: Annotated[
        Whole | UnsetType, key("in plan.N.json: N, from 1; its `trials` are those that were left")
    ] = UNSET
