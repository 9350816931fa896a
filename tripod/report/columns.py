"""Every column of the table: which key it shows, under which title, and in what form.

The key's type, unit and meaning are those of `tripod.runs.formats.table.Row`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tripod.catalogue import shapes
from tripod.report.order import MOST_TRIALS, severity_of
from tripod.runs.formats import table
from tripod.runs.formats.declaration import keys_of

NOTHING = "-"
NOT_TOLD = "n/a"
AT_LEAST = "≥"

Row = Mapping[str, Any]

_KEYS = {
    **keys_of(table.Row),
    **{f"routes.*.{name}": key for name, key in keys_of(table.Route).items()},
}


# Kind of database → keys of a row that no other kind fills.
_ONLY_ON = {"postgres": ("pool", "ledger", "db"), "fakedb": ("db_sleep_ms",)}


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        key: path of the value in a row of summary.json, parts joined by dots.
        title: heading, without the unit.
        show: how a value that is there is printed.
        group: heading that it shares with its neighbours, e.g. `duration` over avg, med and p95.
        parameter: a setting or a count that moves to the table's header when it is the same in every row.
        measured: means nothing in a row that failed.
        counted: made of what the database counts of statements, which not every server does.
        told: in a row that was measured, no value means that nobody could tell.
        machine: for CSV and JSON only; people get another column that says the same.
        at_least: true only as "at least" in a bound row, which is shown.
        tells: how it is printed instead, where other keys of the row have a say.
        says_unit: its text has a unit of its own, which the heading then leaves out.
        importance: columns with the highest number are the first to go when a terminal is narrow.

    """

    key: str
    title: str
    show: Callable[[Any], str] = str
    group: str = ""
    parameter: bool = False
    measured: bool = False
    counted: bool = False
    told: bool = False
    machine: bool = False
    at_least: bool = False
    tells: Callable[[Row], str] | None = None
    says_unit: bool = False
    importance: int = 0

    def __post_init__(self) -> None:
        """Refuse a key that no row has."""
        if self.declared_as not in _KEYS:
            raise ValueError(f"column {self.key!r} is no key of tripod.runs.formats.table.Row")

    @property
    def declared_as(self) -> str:
        """The key under which its meaning is declared: those of routes stand there once for all."""
        first, _, rest = self.key.partition(".")
        return f"routes.*.{rest.partition('.')[2]}" if first == "routes" else self.key

    @property
    def only_on(self) -> str | None:
        """The kind of database without which it is always empty; None if there is none."""
        first = self.key.partition(".")[0]
        return next((kind for kind, keys in _ONLY_ON.items() if first in keys), None)

    @property
    def unit(self) -> str:
        """Printed in the heading; empty for a bare count or text."""
        return "" if self.says_unit else _KEYS[self.declared_as].unit

    @property
    def numeric(self) -> bool:
        """Whether values are aligned to the right."""
        declared = _KEYS[self.declared_as]
        return (declared.items or declared.type) in {"integer", "number"}

    @property
    def heading(self) -> str:
        """Full title and unit."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    @property
    def name(self) -> str:
        """Full title: with that of its group."""
        return f"{self.group} {self.title}".lstrip()

    def value(self, row: Row) -> Any:
        """Return the value in a row; None if the row has none."""
        found: Any = row
        for part in self.key.split("."):
            if found is None:
                return None
            # a route that one row has and another has not
            found = found.get(part) if self.key.startswith("routes.") else found[part]
        return found

    def text(self, row: Row) -> str:
        """Return the value as people read it."""
        value = self.value(row)
        if self.counted and counts_no_statements(row):
            return NOT_TOLD
        if self.told and value is None and row["status"] != "failed":
            return NOT_TOLD
        blank = value is None or value == [] or (self.measured and row["status"] == "failed")
        if self.tells and not (self.measured and row["status"] == "failed"):
            return self.tells(row)
        text = NOTHING if blank else self.show(value)
        # of a void row nothing is claimed, not even that
        bound = self.at_least and row["bound"] and not row["void"] and not blank
        return f"{AT_LEAST} {text}" if bound else text

    def machine_text(self, row: Row) -> str:
        """Return the value for CSV: numbers in full, nothing for None, lists separated by spaces."""
        value = self.value(row)
        if value is None:
            return ""
        return " ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def untold(rows: Sequence[Row]) -> list[Row]:
    """Return the rows in which a host did not tell something that it told in others, or that was asked of it.

    Where nothing was sampled at all, as with `-e telemetry=false`, nothing was asked.
    """
    columns = [column for column in COLUMNS if column.told]
    if not _sampled(rows):
        return []
    return [row for row in rows if any(column.text(row) == NOT_TOLD for column in columns)]


def _sampled(rows: Sequence[Row]) -> bool:
    return any(row["cost"] for row in rows)


def counts_no_statements(row: Row) -> bool:
    """Whether the row's database counted, but not its statements."""
    return row["db"] is not None and not row["db"]["counts_statements"]


def significant(value: float) -> str:
    """Return a number with three significant digits, in full from 100 on: 0.071, 7.12, 71.2, 4550."""
    if value == 0:
        return "0"
    for limit, digits in ((0.9995, 3), (9.995, 2), (99.95, 1)):
        if abs(value) < limit:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"


def times_per_request(value: float) -> str:
    """Return how often something happened for a request, with two decimals."""
    return f"{value:.2f}"


def rate(value: float) -> str:
    """Return a rate with one decimal."""
    return f"{value:.1f}"


def place(row: Row) -> str:
    """Return the row's place, with `=` where others share it; nothing where no comparison gives it one.

    What is not to be believed, or was not measured, says so instead.
    """
    if row["place"] is None:
        found = severity_of(row)
        return found.word if found and found.below else NOTHING
    return f"{row['place']}=" if row["tied"] else str(row["place"])


def twin(row: Row) -> str:
    """Return that the row is another cell's second name: its command is the same, and stands twice."""
    return "twin" if row["twin_of"] else NOTHING


def from_to(values: Sequence[int]) -> str:
    """Return the least and the greatest of a range; one number if they are the same."""
    return "-".join(str(value) for value in dict.fromkeys(values))


def percent_of_a_tenth(share: float) -> str:
    """Return a share in per cent, with one decimal."""
    return f"{100 * share:.1f}%"


def plus_minus(row: Row) -> str:
    """Return how far the interval reaches to each side, as a share of the rate."""
    if not row["rps_interval"] or not row["rps"]:
        return NOTHING
    return f"±{100 * (row['rps_interval'][1] / row['rps'] - 1):.1f}%"


def more_trials(row: Row) -> str:
    """Return how many more trials would tell the row from the next one; nothing where both share no place."""
    following = row["neighbour"]
    if following is None or not following["same_place"]:
        return NOTHING
    return f">{MOST_TRIALS}" if following["more_trials"] is None else f"+{following['more_trials']}"


def spread(values: list[float]) -> str:
    """Return the range over trials; nothing where one trial has none."""
    return f"{min(values):.1f}-{max(values):.1f}" if len(values) > 1 else NOTHING


def percent_in_full(share: float) -> str:
    """Return a share from 0 to 1 in percent, with two decimals."""
    return f"{100 * share:.2f} %"


def load_text(load: Mapping[str, Any]) -> str:
    """Return a load in words."""
    offered = f"{load['vus']} VUs"
    if load["shape"] == shapes.CAPACITY:
        offered = f"highest rate that keeps {load['slo_ms']} ms (saturated by {offered} before)"
    elif load["model"] == "open":
        offered = f"{load['rate']} requests/s, each due within {load['slo_ms']} ms ({offered})"
    more = [
        "without a pause" if load["pause_s"] == 0 else "",
        f"route {load['route']} alone" if load["route"] else "",
        "" if load["keepalive"] else "a connection for each request",
        f"{load['duration_s']:g} s after {load['warmup_s']:g} s of warm-up",
    ]
    return f"load {load['name']}: " + ", ".join(filter(None, [offered, *more]))


def percent(value: float) -> str:
    """Return a share in per cent; 100 is all cores, or one whole core of a process."""
    return f"{100 * value:.0f}%"


def megabytes(value: int) -> str:
    """Return a size in MB of 2^20 bytes."""
    return f"{value / 2**20:.0f} MB"


def _of_cost(key: str, title: str, show: Callable[[Any], str], **more: Any) -> Column:
    """Return a column of what requests cost."""
    return Column(f"cost.{key}", title, show, measured=True, told=True, **more)


def _times(key: str, title: str, names: Mapping[str, int]) -> tuple[Column, ...]:
    """Return the columns of a latency; `names` maps statistics to importance, -1 for machines only."""
    return tuple(
        Column(
            f"{key}.{name}",
            name,
            significant,
            group=title,
            machine=importance < 0,
            importance=max(importance, 0),
        )
        for name, importance in names.items()
    )


def _of_database(
    key: str,
    title: str,
    show: Callable[[Any], str] = times_per_request,
    **more: Any,
) -> Column:
    """Return a column of the database's side; one that is the same in every row moves to the header."""
    return Column(f"db.{key}", title, show, parameter=True, measured=True, **more)


COLUMNS: tuple[Column, ...] = (
    Column("number", "#"),
    Column("rank", "rank", machine=True),
    Column("place", "place", tells=place),
    Column("tied", "tied", machine=True),
    Column("places", "places", from_to, importance=1),
    Column("cell", "cell"),
    Column("twin_of", "twin", tells=twin, importance=1),
    Column("reasons", "reasons", show=", ".join),
    Column("limited_by", "limited by", measured=True, importance=1),
    Column("command", "command"),
    Column("stack", "stack", machine=True),
    Column("mode", "mode", parameter=True, importance=5),
    Column("framework", "framework", parameter=True, importance=4),
    Column("server", "server", parameter=True, importance=9),
    Column("python", "Python", parameter=True, importance=9),
    Column("workers", "workers", parameter=True, importance=6),
    Column("threads", "threads", parameter=True, importance=6),
    Column("pool.min", "pool min", machine=True),
    Column("pool.max", "pool max", machine=True),
    Column("ledger.slots", "slots", machine=True),
    Column("slots_claimed", "slots claimed", parameter=True, importance=7),
    Column("ledger.pool_max_total", "pool max", parameter=True, importance=5),
    Column("ledger.connections_max", "connections max", machine=True),
    Column("ledger.max_connections", "max_connections", parameter=True, importance=9),
    Column("database", "database", machine=True),
    Column("db_sleep_ms", "DB sleep", significant, machine=True),
    Column("load.name", "load", machine=True),
    Column("load.script", "script", machine=True),
    Column("load.model", "model", machine=True),
    Column("load.shape", "shape", machine=True),
    Column("load.vus", "VUs", machine=True),
    Column("load.rate", "offered", machine=True),
    Column("load.slo_ms", "service level", machine=True),
    Column("load.pause_s", "pause", significant, machine=True),
    Column("load.route", "route", machine=True),
    Column("load.keepalive", "keep-alive", machine=True),
    Column("load.duration_s", "duration", significant, machine=True),
    Column("load.warmup_s", "warm-up", significant, machine=True),
    Column("capacity_rps", "capacity", rate, at_least=True),
    Column("rps", "rate", rate, at_least=True),
    Column("rps_interval", "interval", tells=plus_minus, says_unit=True, importance=2),
    Column("rps_cv", "variation", percent_of_a_tenth, says_unit=True, importance=6),
    Column("rps_per_trial", "range", spread, importance=1),
    Column("neighbour.cell", "next", machine=True),
    Column("neighbour.ratio", "next, ratio", machine=True),
    Column("neighbour.interval", "next, interval", machine=True),
    Column("neighbour.told_apart", "next, told apart", machine=True),
    Column("neighbour.more_trials", "to next", tells=more_trials, measured=True, importance=6),
    Column("ceiling_rps", "ceiling", rate, parameter=True, importance=2),
    Column("service_level.missed_share", "missed", percent_in_full),
    Column("service_level.dropped_iterations", "dropped", parameter=True, importance=2),
    Column("service_level.lag_ms.p99", "lag p99", significant, importance=3),
    Column("service_level.scheduled_requests", "scheduled", machine=True),
    Column("service_level.missed_requests", "missed requests", machine=True),
    Column("service_level.lag_known", "lag known", machine=True),
    Column("requests", "requests", measured=True, importance=8),
    *_times(
        "duration_ms", "duration", {"avg": 3, "min": -1, "med": 0, "p90": -1, "p95": 1, "p99": 1, "max": 1}
    ),
    *(
        Column(f"duration_ms.range_over_trials.{name}", f"{name} over trials", group="duration", machine=True)
        for name in ("med", "p90", "p95", "p99")
    ),
    *_times(
        "blocked_ms", "blocked", {"avg": -1, "min": -1, "med": -1, "p90": -1, "p95": 4, "p99": -1, "max": 4}
    ),
    *_times(
        "iteration_ms", "iteration", dict.fromkeys(("avg", "min", "med", "p90", "p95", "p99", "max"), -1)
    ),
    _of_cost("app_cpu_ms_per_request", "app CPU", significant, importance=2),
    _of_cost("db_cpu_ms_per_request", "DB CPU", significant, importance=6),
    _of_cost("app_cpu_share", "app cores", percent, importance=3),
    _of_cost("app_busiest_process_share", "busiest process", percent, importance=4),
    _of_cost("app_memory_peak_bytes", "app memory", megabytes, says_unit=True, importance=3),
    _of_cost("app_processes", "processes", str, importance=5),
    _of_cost("app_threads", "all threads", str, importance=5),
    _of_cost("load_cpu_share", "k6 cores", percent, importance=4),
    _of_cost("connections_opened", "connects", str, importance=6),
    _of_database("queries_per_request", "queries", counted=True, importance=4),
    _of_database("per_request_ms", "DB time", significant, counted=True, importance=2),
    Column("db.connections_opened", "connections opened", measured=True, importance=2),
    Column("db.active_peak", "active peak", measured=True, importance=6),
    _of_database("rows_sent_per_request", "rows sent", significant, counted=True, importance=6),
    _of_database("rows_read_per_request", "rows read", significant, importance=8),
    _of_database("transactions_per_request", "transactions", importance=8),
    _of_database("round_trips_per_request", "round trips", counted=True, importance=8),
    _of_database("connections_per_request", "connections", machine=True),
    _of_database("statement_ms", "mean statement", significant, counted=True, importance=7),
    Column("db.deadlocks", "deadlocks", parameter=True, measured=True, importance=3),
    Column("iterations", "iterations", measured=True, importance=9),
    Column("failed_requests", "failed", parameter=True, measured=True),
    Column("failed_checks", "failed checks", parameter=True, measured=True, importance=7),
    Column("trials", "trials", parameter=True, importance=7),
    Column("trials_failed", "trials failed", parameter=True, importance=7),
    Column("status", "status", machine=True),
    Column("void", "void", machine=True),
    Column("bound", "bound", machine=True),
    Column("notes", "notes", machine=True),
    Column("not_judged", "not judged", machine=True),
    Column("limited_by_evidence", "limited by, evidence", machine=True),
    Column("slots_seen", "slots seen", measured=True, told=True, importance=7),
    Column("model_rps", "model rate", rate, measured=True, told=True, importance=7),
)


# What a route may be called whose columns are shown: it is from a file of the run, and becomes a heading.
_ROUTE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


def columns_of(rows: Sequence[Row]) -> tuple[Column, ...]:
    """Return every column of a table, those of the routes that its rows have at the end of the latencies."""
    names = {name for row in rows for name in row["routes"] if _ROUTE_NAME.fullmatch(name)}
    position = [column.key for column in COLUMNS].index("iteration_ms.avg")
    routes = tuple(column for name in sorted(names) for column in _of_route(name, alone=len(names) == 1))
    return (*COLUMNS[:position], *routes, *COLUMNS[position:])


def _of_route(name: str, *, alone: bool) -> tuple[Column, ...]:
    """Return the columns of a route; people need none where it is the only one: other columns say it."""
    statistics = {"avg": True, "med": False, "p90": True, "p95": False, "p99": True, "max": True}
    return (
        Column(f"routes.{name}.rps", f"{name} rate", rate, machine=alone, importance=0 if alone else 8),
        *(
            Column(
                f"routes.{name}.duration_ms.{statistic}",
                statistic,
                significant,
                group=name,
                machine=alone or machine,
                importance=0 if alone or machine else 4,
            )
            for statistic, machine in statistics.items()
        ),
    )


def split_constant(rows: list[Row]) -> tuple[list[Column], list[tuple[Column, str]]]:
    """Return the columns for people, and apart from them the parameters that never vary over several rows.

    Those come with what every row says, which may be that nobody could tell. Columns that no row has a value
    in are in neither, nor are those of telemetry where there was none.
    """
    nothing = {NOTHING} if _sampled(rows) else {NOTHING, NOT_TOLD}
    varying: list[Column] = []
    constant: list[tuple[Column, str]] = []
    for column in columns_of(rows):
        counted = [row for row in rows if not (column.measured and row["status"] == "failed")]
        texts = {column.text(row) for row in counted} or {NOTHING}
        if column.machine or texts <= (nothing if column.told else {NOTHING}):
            continue
        if (column.parameter or texts == {NOT_TOLD}) and len(texts) == 1 and len(rows) > 1:
            constant.append((column, texts.pop()))
        else:
            varying.append(column)
    return varying, constant
