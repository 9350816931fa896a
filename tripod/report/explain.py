"""Says in sentences why a row is as fast as it is, what would make it faster, and why two rows differ.

Sentences hold the names of cells, which are checked when a plan is read, and figures: no other text of a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tripod.catalogue.words import count
from tripod.report.columns import significant
from tripod.report.order import Group
from tripod.stats.contrasts import Ratio
from tripod.verdicts import model, registry, slots
from tripod.verdicts.connections import times_fair
from tripod.verdicts.evidence import Cell
from tripod.verdicts.limits import Limited, limited_by
from tripod.verdicts.rule import Severity
from tripod.verdicts.shares import percent
from tripod.verdicts.stations import stations
from tripod.verdicts.work import per_request

# What would make a row faster, by what limits it.
_FASTER = {
    "errors": "First see why requests failed: ./collect.py k6 {cell} counts how, the trials' logs say why.",
    "k6": "Give k6 a host of its own with more cores, or offer less: the server may do more.",
    "load model": "Nothing in the server would: offer more load, by more users or without a pause.",
    "database": "More cores for the database, or cheaper queries; another server or framework would not.",
    "app CPU": "Less CPU per request, or more processes on more cores; more threads or users would not.",
    "app slots": "More slots (threads, processes, a larger pool), as long as the app's cores are not busy.",
    "connection handling": "A server that keeps connections, or a longer backlog; no other handlers.",
    "unknown": "The evidence names no single limit. Hosts of their own, or another load, may show it.",
}
# The same where the load is open: by what it offers, or looks for.
_OFFER_MORE = "Nothing in the server would: offer more, by -e rate=."
_KEEP_MORE = "What lets it keep the service level at higher rates: this is the highest that was found."
_ALIKE = 0.05


def one(cell: Cell) -> tuple[str, ...]:
    """Return why the cell is as fast as it is, and what would make it faster."""
    if cell.rps is None:
        codes = ", ".join(registry.judge(cell).codes)
        return (f"{_name(cell)} was not measured to its end: {codes}.",)
    limited = limited_by(cell)
    return (*_rate(cell), *_limit(limited), *_where(cell), *_model(cell), *_faster(cell, limited))


def two(
    first: Cell,
    second: Cell,
    ratio: Ratio | None = None,
    *,
    told_apart: bool | None = None,
    latency: str | None = None,
) -> tuple[str, ...]:
    """Return why two cells differ: their rates, their limits, and what a request costs on each.

    Args:
        first: one cell.
        second: the other.
        ratio: of the first to the second over the run's blocks; None if nothing tells it.
        told_apart: whether the table tells them apart; None where it does not compare them.
        latency: whose inverse the ratio is of, where the load offers the rate; None: it is of rates.

    """
    if first.rps is None or second.rps is None:
        return (*one(first), *one(second))
    fast, slow = sorted((first, second), key=lambda cell: cell.rps or 0.0, reverse=True)
    turned = ratio.inverse() if ratio and fast is second else ratio
    return (
        *_ratio(fast, slow),
        *_by_chance(fast, slow, turned, told_apart=told_apart, latency=latency),
        *_believed(fast),
        *_believed(slow),
        *_limits(fast, slow),
        *_costs(fast, slow),
        *_settings(fast, slow),
    )


def two_of(groups: Sequence[Group], cells: Mapping[str, Cell], names: tuple[str, str]) -> tuple[str, ...]:
    """Return why two cells of a run differ, with what its table says of them."""
    both = cells[names[0]], cells[names[1]]
    group = next((group for group in groups if group.ratio(*names)), None)
    if group is None:
        return two(*both)
    compared = group.compared(*names)
    told_apart = compared.told_apart if compared else None
    return two(*both, group.ratio(*names), told_apart=told_apart, latency=group.latency)


def _name(cell: Cell) -> str:
    return str(cell.planned["cell"])


def _rate(cell: Cell) -> Iterator[str]:
    verdict = registry.judge(cell)
    trials = count(len(cell.good), "trial")
    at_least = "at least " if verdict.bound else ""
    yield f"{_name(cell)} did {at_least}{cell.rps:.1f} requests/s over {trials}."
    if verdict.void:
        yield f"This is not to be believed: {', '.join(verdict.void)}."
    if verdict.notes:
        yield f"To be read beside it: {', '.join(verdict.notes)}."


def _believed(cell: Cell) -> Iterator[str]:
    """Tell of one of two cells what makes it void, if anything does."""
    if void := registry.judge(cell).void:
        yield f"{_name(cell)} is not to be believed: {', '.join(void)}."


def _limit(limited: Limited | None) -> Iterator[str]:
    if limited:
        yield f"Limited by: {limited.by}: {limited.evidence}."


def _where(cell: Cell) -> Iterator[str]:
    """Tell where a request's time goes, and how busy each station was."""
    told = _times(cell)
    if told:
        yield f"A request costs {', '.join(told)}."
    known = [station.told for station in stations(cell) if station.share is not None]
    if known:
        yield f"Used: {', '.join(known)}."
    claimed, seen = slots.claimed_by(cell), slots.seen_in(cell)
    promised = "without a bound" if claimed is None else f"on {claimed} at once"
    users = cell.users
    at_db = "" if seen is None else f"; the database had at most {seen} at once"
    yield f"By its command it works {promised}, of {users} users{at_db}."
    yield from _held(cell)
    yield from _placed(cell)


def _held(cell: Cell) -> Iterator[str]:
    """Tell what holds a slot where slots are full: what is neither database nor CPU has another cause."""
    limit, db_s, app_s = slots.limit_of(cell), per_request(cell, "db_s"), per_request(cell, "app_cpu_s")
    limited = limited_by(cell)
    if limit is None or db_s is None or app_s is None or not cell.rps or not limited:
        return
    if limited.by == "app slots":
        held_s = limit / cell.rps
        rest_s = max(held_s - db_s - app_s, 0.0)
        yield (
            f"Each request holds one of {limit} slots for {_ms(held_s)} ms: {_ms(db_s)} ms at the database, "
            f"{_ms(app_s)} ms of CPU, and {_ms(rest_s)} ms that are neither, such as waiting for a core, and "
            "making and closing connections."
        )


def _times(cell: Cell) -> list[str]:
    names = {
        "app_cpu_s": "of CPU in the app",
        "db_cpu_s": "of CPU in the database",
        "load_cpu_s": "of CPU in k6",
        "db_s": "of waiting for the database",
    }
    costs = {told: per_request(cell, what) for what, told in names.items()}
    return [f"{_ms(cost)} ms {told}" for told, cost in costs.items() if cost is not None]


def _placed(cell: Cell) -> Iterator[str]:
    times = [found for trial in cell.good if (found := times_fair(cell, trial)) is not None]
    if times:
        workers = cell.planned["workers"]
        yield f"The busiest of its {workers} workers used {max(times):.2f} times its fair share of CPU."


def _model(cell: Cell) -> Iterator[str]:
    bounds = sorted(model.bounds(cell), key=lambda bound: bound.rps)
    if not bounds and not any(figures.ok_requests for figures in cell.figures):
        yield "No request succeeded in the window, so that there is no rate to explain."
        return
    if not bounds:
        yield "No telemetry tells what a request cost the app, so that its rate cannot be explained."
        return
    least = bounds[0]
    share = (cell.rps or 0.0) / least.rps
    yield (
        f"Explained: {least.by} would allow {least.rps:.1f} requests/s ({least.arithmetic}); it did "
        f"{percent(share)} of that. The CPU is its own trials', so this explains and predicts nothing."
    )
    if rest := bounds[1:]:
        yield (
            "What would limit it next: "
            + ", ".join(f"{bound.by} at {bound.rps:.1f}/s ({bound.arithmetic})" for bound in rest)
            + "."
        )


def _faster(cell: Cell, limited: Limited | None) -> Iterator[str]:
    if limited:
        yield f"What would make it faster: {_lever(cell, limited).format(cell=_name(cell))}"


def _lever(cell: Cell, limited: Limited) -> str:
    """Return what would make the cell faster; what its load allows differs by the load's model."""
    if limited.by != "load model" or cell.offered_rps is None:
        return _FASTER[limited.by]
    return _OFFER_MORE if cell.planned["load"].get("rate") else _KEEP_MORE


def _ratio(fast: Cell, slow: Cell) -> Iterator[str]:
    bound = Severity.BOUND in (registry.judge(fast).severity, registry.judge(slow).severity)
    factor = f"{fast.rps / slow.rps:.2f} times the rate" if fast.rps and slow.rps else "more"
    yield f"{_name(fast)} did {fast.rps:.1f} requests/s, {_name(slow)} {slow.rps:.1f}: {factor}."
    if bound:
        yield "The load, not the server, set one of the rates, or both: the servers may differ otherwise."


def _by_chance(
    fast: Cell, slow: Cell, ratio: Ratio | None, *, told_apart: bool | None, latency: str | None
) -> Iterator[str]:
    """Tell how much of a difference may be chance, as the table has it, or why nothing tells."""
    if ratio is None:
        if why := _why_untold(fast, slow):
            yield f"Nothing tells how much of that is chance: {why}."
        return
    alike = ""
    if ratio.interval.has(1):
        alike = ": they are not shown to differ"
    elif told_apart is False:
        alike = (
            ": that is of this pair alone; among all pairs of its group the table does not tell them apart"
        )
    if latency is None:
        low, high = ratio.interval.low, ratio.interval.high
        yield f"Within blocks it is {low:.2f} to {high:.2f} times (95 %){alike}."
        return
    low, high = 1 / ratio.interval.high, 1 / ratio.interval.low
    named = {"avg": "mean latency"}.get(latency, latency)
    yield (
        f"The load offers that rate. Within blocks the {named} of {_name(fast)} is {low:.2f} to {high:.2f} "
        f"times that of {_name(slow)} (95 %){alike}."
    )


def _why_untold(fast: Cell, slow: Cell) -> str | None:
    """Return why two cells have no ratio; None where that is told elsewhere."""
    if any(registry.judge(cell).void for cell in (fast, slow)) or _stand_apart(fast, slow):
        return None
    for cell in (fast, slow):
        if 0 in cell.rps_per_trial:
            return f"a trial of {_name(cell)} answered nothing in its window"
    return "fewer than two blocks have a good trial of both"


def _stand_apart(fast: Cell, slow: Cell) -> bool:
    """Whether loads or databases differ, so that no table compares the two."""
    return any(fast.planned[key] != slow.planned[key] for key in ("load", "db_sleep_ms"))


def _limits(fast: Cell, slow: Cell) -> Iterator[str]:
    for cell in (fast, slow):
        if limited := limited_by(cell):
            yield f"{_name(cell)} is limited by: {limited.by}: {limited.evidence}."


def _costs(fast: Cell, slow: Cell) -> Iterator[str]:
    """Tell which of a request's costs differ."""
    for what, told in (("app_cpu_s", "CPU in the app"), ("db_s", "waiting for the database")):
        costs = [per_request(cell, what) for cell in (fast, slow)]
        one_s, other_s = costs
        if one_s is None or other_s is None:
            yield f"What a request costs in {told} is not known of both."
        elif abs(one_s - other_s) > _ALIKE * max(one_s, other_s):
            yield (
                f"A request costs {_ms(one_s)} ms of {told} in {_name(fast)}, "
                f"{_ms(other_s)} ms in {_name(slow)}."
            )


def _settings(fast: Cell, slow: Cell) -> Iterator[str]:
    """Tell in what they differ by plan, and how many requests each works on at once."""
    for key, told in (("workers", "workers"), ("threads", "threads"), ("mode", "mode")):
        if fast.planned[key] != slow.planned[key]:
            values = [cell.planned[key] or f"no {told} asked for" for cell in (fast, slow)]
            yield f"They differ in {told}: {values[0]} and {values[1]}."
    if _stand_apart(fast, slow):
        yield "Their loads or databases differ: the rates cannot be compared."
    held = [(slots.claimed_by(cell), slots.seen_in(cell)) for cell in (fast, slow)]
    if held[0] != held[1]:
        texts = [f"{_count(claimed)} (seen at the database: {_count(seen)})" for claimed, seen in held]
        yield f"Requests worked on at once: {texts[0]} and {texts[1]}."


def _count(value: int | None) -> str:
    return "not bounded or unknown" if value is None else str(value)


def _ms(seconds: float) -> str:
    return significant(seconds * 1000)
