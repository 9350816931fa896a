"""The rows of a table as the page shows them: every figure as text, and what sorts and draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.report import columns, explain
from tripod.report.columns import AT_LEAST, NOT_TOLD, NOTHING, megabytes, percent, rate, significant
from tripod.report.latency import PERCENTILES, of_routes
from tripod.report.page import census, curves
from tripod.runs.results import Run
from tripod.stats.quantiles import Distribution
from tripod.verdicts import registry
from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Severity
from tripod.verdicts.stations import CORE, stations

_MOST_BEYOND = 4 / 3
_WORDS = {"placed": "", "bound": "at least", "void": "void", "failed": "failed"}
COSTS = {
    "app_cpu_ms_per_request": "app CPU, ms per request",
    "db_cpu_ms_per_request": "DB CPU, ms per request",
    "app_cpu_share": "app, of its cores",
    "app_busiest_process_share": "busiest process",
    "app_memory_peak_bytes": "app memory",
    "load_cpu_share": "k6, of its cores",
}


def row(run: Run, cell: Cell, made: Mapping[str, Any], anchor: str) -> dict[str, Any]:
    """Return a row for the templates; what the drawings of it are made of is its `drawn`.

    Args:
        run: that it is of.
        cell: its evidence.
        made: the row as `tripod.runs.formats.table.Row` declares it.
        anchor: the id of its details in the page; unique there.

    """
    state = census.state_of(made)
    routes = of_routes(cell)
    return {
        "anchor": anchor,
        "cell": made["cell"],
        "label": label(made),
        "command": made["command"],
        "framework": made["framework"],
        "mode": made["mode"],
        "state": state,
        "state_word": _WORDS[state],
        "place": place(made),
        "places": _places(made),
        "rate": _rate(made, state),
        "interval": _interval(made),
        "variation": None if made["rps_cv"] is None else percent(made["rps_cv"]),
        "neighbour": _neighbour(made["neighbour"]),
        "twin_of": made["twin_of"],
        "trials": [rate(value) for value in made["rps_per_trial"]],
        "trials_planned": made["trials"],
        "p95": _ms(_statistic(made["duration_ms"], "p95")),
        "cpu": _cost("app_cpu_ms_per_request", made),
        "limited_by": made["limited_by"],
        "evidence": made["limited_by_evidence"],
        "codes": _codes(made),
        "not_judged": [(code, registry.not_judged_note(code)) for code in made["not_judged"]],
        "settings": _settings(made),
        "told": explain.one(cell),
        "routes": [_route(name, found, made) for name, found in routes.items()],
        "costs": [_cost(key, made) for key in COSTS],
        "stations": [(found.name, found.told) for found in stations(cell)],
        "hosts": _hosts(cell),
        "sort": _sort(made, state),
        "drawn": _drawn(run, cell, made, routes),
    }


def label(made: Mapping[str, Any]) -> str:
    """Return a short name of a row, which tells it from the others of its group."""
    threads = f" t{made['threads']}" if made["threads"] else ""
    return f"{made['stack']} w{made['workers']}{threads}"


def place(made: Mapping[str, Any]) -> str:
    """Return the place of a row as the table has it; empty without one."""
    return columns.place(made) if made["place"] else ""


def percentile_texts(distribution: Distribution, window_s: float) -> list[str]:
    """Return the `PERCENTILES` as text, ms; nothing where trials of this length do not tell them."""
    return [_ms(curves.supported(distribution, share, window_s)) for share in PERCENTILES.values()]


def _places(made: Mapping[str, Any]) -> str | None:
    known = made["places"]
    return f"{known[0]}\u2013{known[1]}" if known and known[0] != known[1] else None


def _rate(made: Mapping[str, Any], state: str) -> str:
    if made["rps"] is None:
        return NOTHING
    return f"{AT_LEAST} {rate(made['rps'])}" if state == "bound" else rate(made["rps"])


def _interval(made: Mapping[str, Any]) -> str | None:
    known = made["rps_interval"]
    return f"{rate(known[0])}\u2013{rate(known[1])}" if known else None


def _neighbour(found: Mapping[str, Any] | None) -> str | None:
    """Return whether the row is told apart from the next one that has a place, as a sentence."""
    if found is None:
        return None
    ends = " to ".join(significant(end) for end in found["interval"])
    told = f"{significant(found['ratio'])} times {found['cell']}, the next one (95 %: {ends})"
    if found["told_apart"]:
        return f"{told}: told apart."
    more = found["more_trials"]
    trials = f"; {more} more trials of each would tell them apart, if they differ so" if more else ""
    return f"{told}: not told apart{trials}."


def _statistic(latency: Mapping[str, Any] | None, name: str) -> float | None:
    return latency[name] if latency else None


def _ms(value: float | None) -> str:
    return NOTHING if value is None else significant(value)


def _codes(made: Mapping[str, Any]) -> list[dict[str, str]]:
    severities = {
        code: severity.word
        for severity, key in ((Severity.NOTE, "notes"), (Severity.BOUND, "bound"), (Severity.VOID, "void"))
        for code in made[key]
    }
    return [
        {
            "code": code,
            "severity": severities.get(code, Severity.FAILED.word),
            "note": registry.note(code, [made]),
        }
        for code in made["reasons"]
    ]


def _settings(made: Mapping[str, Any]) -> list[tuple[str, str]]:
    pool = f"{made['pool']['min']} to {made['pool']['max']} connections" if made["pool"] else None
    found = {
        "framework": made["framework"],
        "server": made["server"],
        "Python": made["python"],
        "mode": made["mode"],
        "workers": made["workers"],
        "threads": made["threads"],
        "pool of each process": pool,
        "requests at once, by its command": made["slots_claimed"],
        "most at the database at once": made["slots_seen"],
    }
    return [(name, str(value)) for name, value in found.items() if value is not None]


def _route(name: str, distribution: Distribution, made: Mapping[str, Any]) -> dict[str, Any]:
    known = made["routes"].get(name) or {}
    return {
        "name": name,
        "rps": NOTHING if known.get("rps") is None else rate(known["rps"]),
        "percentiles": list(
            zip(percentile_texts(distribution, made["load"]["duration_s"]), _ranges(known), strict=True)
        ),
        "max": _ms(distribution.greatest),
    }


def _ranges(route: Mapping[str, Any]) -> list[str | None]:
    """Return for each of `PERCENTILES` the range over trials, where it is known."""
    found = (route.get("duration_ms") or {}).get("range_over_trials") or {}
    ranges = (found.get("med" if name == "p50" else name) for name in PERCENTILES)
    return [f"{significant(ends[0])}\u2013{significant(ends[1])}" if ends else None for ends in ranges]


def _cost(key: str, made: Mapping[str, Any]) -> str:
    """Return what a cost is in the table, which tells what nobody could tell from what means nothing."""
    return next(column for column in columns.COLUMNS if column.key == f"cost.{key}").text(made)


def _hosts(cell: Cell) -> list[dict[str, str]]:
    """Return what each leg's host did over the measured window of the cell's middle trial."""
    trial = curves.middle_trial(cell)
    if trial is None:
        return []
    return [
        {
            "leg": leg,
            "host": did.host,
            "busy": percent(sum(did.core_busy) / len(did.core_busy)) if did.core_busy else NOT_TOLD,
            "steal": percent(sum(did.core_steal) / len(did.core_steal)) if did.core_steal else NOT_TOLD,
            "pressure": NOT_TOLD if did.pressure_cpu is None else percent(did.pressure_cpu),
            "retransmits": NOT_TOLD if did.retransmits is None else str(did.retransmits),
            "memory": NOT_TOLD if did.memory_used_max_bytes is None else megabytes(did.memory_used_max_bytes),
        }
        for leg, did in trial.watched_hosts
    ]


def _sort(made: Mapping[str, Any], state: str) -> dict[str, Any]:
    """Return what the columns are sorted by, below all others where there is nothing."""
    cost = made["cost"] or {}
    return {
        "place": made["place"] or made["rank"],
        "cell": made["command"],
        "rate": made["rps"],
        "p95": _statistic(made["duration_ms"], "p95"),
        "cpu": cost.get("app_cpu_ms_per_request"),
        "limit": made["limited_by"],
        "state": list(_WORDS).index(state),
    }


def _drawn(
    run: Run, cell: Cell, made: Mapping[str, Any], routes: Mapping[str, Distribution]
) -> dict[str, Any]:
    cost = made["cost"] or {}
    return {
        "label": label(made),
        "mode": made["mode"],
        "state": census.state_of(made),
        "place": place(made),
        "rps": made["rps"],
        "interval": made["rps_interval"],
        "p95": _statistic(made["duration_ms"], "p95"),
        "cost": {"app": cost.get("app_cpu_ms_per_request"), "db": cost.get("db_cpu_ms_per_request")},
        "limit": made["limited_by"],
        "stations": _shares(cell),
        "routes": {name: curves.curve(found, made["load"]["duration_s"]) for name, found in routes.items()},
        "activity": curves.activity(run, cell),
    }


def _shares(cell: Cell) -> list[dict[str, Any]]:
    return [
        {"name": "busiest core" if found.name == CORE else found.name, "share": round(found.share, 3)}
        | ({} if found.certain else {"most": True})
        for found in stations(cell)
        if found.share is not None
    ]


def bars(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, float | None]]:
    """Return for each row of a group how long its bar is, and where its interval lies: 0 to 100.

    100 is the greatest rate of the group, or as far beyond it as intervals reach, but at most by a third: an
    interval of two trials may be ten times as long as all bars, and then ends where there is no more room.
    """
    rates = [row["rps"] or 0.0 for row in rows]
    ends = [row["rps_interval"][1] for row in rows if row["rps_interval"]]
    most = min(max([*rates, *ends], default=0.0), _MOST_BEYOND * max(rates, default=0.0))
    return [_bar(row, most) for row in rows]


def _bar(made: Mapping[str, Any], most: float) -> dict[str, float | None]:
    low, high = made["rps_interval"] or (None, None)
    of_most = {"rate": made["rps"], "low": low, "high": high}
    return {
        name: None if value is None or not most else round(min(100 * value / most, 100.0), 2)
        for name, value in of_most.items()
    }
