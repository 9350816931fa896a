"""Sides of a comparison: their runs, which cells of them are the same, and what each trial measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tripod.catalogue import shapes
from tripod.catalogue.workloads import read_workload, workload_names
from tripod.report.order import step
from tripod.runs.explain import listed
from tripod.runs.results import Run, cells_of
from tripod.stats.contrasts import Blocks
from tripod.stats.cost import cpu_s_per_request
from tripod.stats.quantiles import Distribution, is_told, merge, percentile
from tripod.verdicts import registry
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.failures import NOT_RUN
from tripod.verdicts.limits import APP_SLOTS, limited_by
from tripod.verdicts.registry import Verdict
from tripod.verdicts.spread import WIDE_SPREAD

_ROOT = Path(__file__).resolve().parents[2]
_DURATION = "duration_ms"
_UNMEASURED = "not measured"
_TAILS = {"p95": 0.95, "p99": 0.99}
# How long a load lasts changes nothing of what it offers, and its name nothing at all.
_NOT_OFFERED = ("name", "duration_s", "warmup_s")

QUANTITIES = ("rate", "p95", "p99", "app_cpu")
"""What is compared of a cell, as `tripod.runs.formats.comparison.Changes` has it."""


class NotComparableError(Exception):
    """The sides do not fit; the message says what differs, and what to type."""


@dataclass(frozen=True)
class Same:
    """A cell of a side: the same cell of each of its runs, in their order; None where a run has none."""

    of_runs: tuple[Cell | None, ...]

    @cached_property
    def known(self) -> tuple[Cell, ...]:
        """The cells of those runs that have it."""
        return tuple(cell for cell in self.of_runs if cell is not None)

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What all rules say of each of them."""
        return tuple(registry.judge(cell) for cell in self.known)

    @property
    def planned(self) -> Mapping[str, Any]:
        """The cell as the first plan has it."""
        return self.known[0].planned

    @property
    def name(self) -> str:
        """Its name there."""
        return str(self.planned["cell"])

    @property
    def load(self) -> Mapping[str, Any]:
        """What it was offered, with the keys of today."""
        return shapes.complete(self.planned["load"])

    @cached_property
    def measured(self) -> tuple[tuple[Trial, Mapping[str, Any]], ...]:
        """All trials that were measured to their end, each with its own run's load: lengths may differ."""
        return tuple(
            (trial, shapes.complete(cell.planned["load"])) for cell in self.known for trial in cell.good
        )

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The same without the load."""
        return tuple(trial for trial, _ in self.measured)

    @property
    def rates(self) -> list[float | None]:
        """Their rates, requests per second; None of one that does not know it."""
        return [_value(trial, load, "rate") for trial, load in self.measured]

    @cached_property
    def void(self) -> tuple[str, ...]:
        """Codes that make it not to be believed, in any run."""
        return tuple(dict.fromkeys(code for verdict in self.verdicts for code in verdict.void))

    @cached_property
    def bound(self) -> tuple[str, ...]:
        """Codes that make its rate true only as "at least", in any run."""
        return tuple(dict.fromkeys(code for verdict in self.verdicts for code in verdict.bound))

    @cached_property
    def held(self) -> bool:
        """Whether slots limit it, which wait for a latency: a faster machine makes it little faster."""
        return any(found is not None and found.by == APP_SLOTS for found in map(limited_by, self.known))

    @property
    def step(self) -> float:
        """What a trial's rate goes up in, requests per second; of several lengths in the shortest."""
        searched = self.load["shape"] == shapes.CAPACITY
        shortest_s = min(float(cell.planned["load"]["duration_s"]) for cell in self.known)
        return step(self.figures()["rate"] if searched else None, shortest_s)

    @property
    def wide(self) -> bool:
        """Whether its trials differ by more than those of others."""
        return any(WIDE_SPREAD.code in verdict.codes for verdict in self.verdicts)

    @cached_property
    def silent(self) -> bool:
        """Whether a trial answered nothing in its window: that rate has no logarithm."""
        return 0 in self.rates

    @cached_property
    def dead(self) -> bool:
        """Whether none of its trials did."""
        return bool(self.trials) and all(rate == 0 for rate in self.rates)

    def values(self, quantity: str, run: int) -> dict[int, float]:
        """Return block → value above 0 of one run: without the trials that do not know it.

        No rate at all of a silent cell: its other trials would claim too much.
        """
        cell = self.of_runs[run]
        if cell is None or (quantity == "rate" and self.silent):
            return {}
        load = shapes.complete(cell.planned["load"])
        found = {trial.block: _value(trial, load, quantity) for trial in cell.good if trial.record}
        return {block: value for block, value in found.items() if value}

    def figures(self) -> dict[str, Any]:
        """Return what it measured, as `tripod.runs.formats.comparison.SideFigures` declares it."""
        times = merge([found for trial in self.trials if (found := _duration(trial))])
        known = [rate for rate in self.rates if rate is not None]
        shortest_s = min((load["duration_s"] for _, load in self.measured), default=0.0)
        cpu_s = cpu_s_per_request([watched for cell in self.known for watched in cell.watched], "app")
        return {
            "cell": self.name,
            "rate": sum(known) / len(known) if known else None,
            **{f"{key}_ms": _tail(times, share, shortest_s) for key, share in _TAILS.items()},
            "app_cpu_ms_per_request": None if cpu_s is None else 1000 * cpu_s,
            "trials": len(self.trials),
            "void": list(self.void),
            "bound": list(self.bound),
        }


def blocks_of(cells: Mapping[str, Same], rates: Mapping[tuple[str, int], float]) -> Blocks:
    """Return the rates of cells of one side, by (name, block), as blocks; `cells` is name → cell."""
    return Blocks(
        rates,
        unpooled=[name for name, same in cells.items() if same.wide],
        kinds={name: "bound" for name, same in cells.items() if same.bound},
        steps={name: same.step for name, same in cells.items()},
    )


def is_offered(load: Mapping[str, Any]) -> bool:
    """Whether the load itself sets the rate, so that it is no result."""
    return bool(load["shape"] == shapes.OPEN)


def _value(trial: Trial, load: Mapping[str, Any], quantity: str) -> float | None:
    """Return what a trial measured; None where it does not know."""
    if quantity == "rate":
        return _rate(trial, load)
    if quantity == "app_cpu":
        return cpu_s_per_request([trial.watched], "app") if trial.watched else None
    return _tail(_duration(trial), _TAILS[quantity], load["duration_s"])


def _tail(times: Distribution | None, share: float, window_s: float) -> float | None:
    """Return a percentile, where trials of this length tell it."""
    return percentile(times, share) if times and is_told(share, window_s) else None


def _rate(trial: Trial, load: Mapping[str, Any]) -> float | None:
    if load["shape"] == shapes.CAPACITY:
        search = (trial.record or {}).get("capacity") or {}
        return float(search["rate"]) if search.get("rate") else None
    return trial.figures.ok_requests / float(load["duration_s"]) if trial.figures else None


def _duration(trial: Trial) -> Distribution | None:
    return trial.figures.latencies.get(_DURATION) if trial.figures else None


@dataclass(frozen=True)
class Side:
    """The runs of one side, all of the same loads and as far apart."""

    runs: tuple[Run, ...]

    @cached_property
    def cells(self) -> dict[str, Same]:
        """Key → cell, in the order of the first matrix that has it."""
        found: dict[str, list[Cell | None]] = {}
        for number, run in enumerate(self.runs):
            for cell in cells_of(run):
                of_runs = found.setdefault(key_of(cell.planned), [None] * len(self.runs))
                if of_runs[number] is None:  # of a cell under two names the first one counts
                    of_runs[number] = cell
        return {key: Same(tuple(of_runs)) for key, of_runs in found.items()}

    @property
    def names(self) -> str:
        """Its runs, by name."""
        return ", ".join(run.plan["run_id"] for run in self.runs)

    @property
    def separation(self) -> str | None:
        """How far its legs stand apart; None if that is unknown."""
        hosts = self.runs[0].hosts
        return hosts["separation"] if hosts else None


def identity(run: Run) -> tuple[str, str, int]:
    """Return what tells a run from others, wherever its directory was copied to."""
    return run.plan["run_id"], run.plan["created_at"], run.plan["seed"]


def key_of(planned: Mapping[str, Any]) -> str:
    """Return what makes two cells the same: stack, sizes, database, and what the load offers."""
    return f"{size_of(planned)} {_text(offered(planned['load']))}"


def size_of(planned: Mapping[str, Any]) -> str:
    """Return the same without the load."""
    fixed = ("stack", "workers", "threads", "pool", "database", "db_sleep_ms", "twin_of")
    return _text({key: planned.get(key) for key in fixed})


def offered(load: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a load offers: all of it but its name and how long it lasts."""
    whole = shapes.complete(load)
    if whole["pause_s"] is None:  # plans from before loads had names: as the script has it
        known = whole["script"] in workload_names(_ROOT)
        whole["pause_s"] = read_workload(whole["script"], _ROOT).pause_s if known else None
    return {key: value for key, value in sorted(whole.items()) if key not in _NOT_OFFERED}


def _text(values: Mapping[str, Any]) -> str:
    return " ".join(
        f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}" for key, value in values.items()
    )


def side(runs: Sequence[Run], name: str) -> Side:
    """Return a side of these runs; `name` is how it is called.

    Raises:
        NotComparableError: if its own runs do not fit together.

    """
    made = Side(tuple(runs))
    if len({identity(run) for run in runs}) < len(runs):
        raise NotComparableError(f"{name} has a run twice: {made.names}; type: each once")
    for run in runs[1:]:
        other = Side((run,))
        if other.separation != made.separation:
            raise NotComparableError(
                f"the runs of {name} do not fit: separation of {runs[0].plan['run_id']} is "
                f"{made.separation or 'unknown'}, of {run.plan['run_id']} {other.separation or 'unknown'}; "
                "type: runs of one separation on a side"
            )
        if not set(other.cells) & set(Side((runs[0],)).cells):
            raise NotComparableError(
                f"the runs of {name} have no cell in common: "
                f"{why_apart(Side((runs[0],)), other)}; type: runs of the same cells on a side"
            )
    return made


def common(a: Side, b: Side) -> list[str]:
    """Return the keys of the cells that both sides measured.

    Raises:
        NotComparableError: if there are none; the message says what differs.

    """
    shared = [key for key in a.cells if key in b.cells]
    if not shared:
        raise NotComparableError(f"no cell in common: {why_apart(a, b)}; type: ./collect.py runs")
    measured = [key for key in shared if a.cells[key].trials and b.cells[key].trials]
    if not measured:
        raise NotComparableError(
            f"none of the {len(shared)} cells in common was measured to its end on both sides; type: "
            f"./collect.py table --run {b.runs[-1].plan['run_id']}"
        )
    return measured


def why_apart(a: Side, b: Side) -> str:
    """Return what differs between sides without a common cell: loads where that is all, else the cells."""
    sizes = {size_of(same.planned): same for same in b.cells.values()}
    for same in a.cells.values():
        other = sizes.get(size_of(same.planned))
        if other is not None:
            names = f"'{same.load['name']}' of A, '{other.load['name']}' of B"
            return f"other loads ({names}): {difference(same.load, other.load)}"
    return f"A has {_some(a)}; B has {_some(b)}"


def _some(found: Side) -> str:
    return listed([same.name for same in found.cells.values()])


def difference(load: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return what differs in what two loads offer."""
    mine, its = offered(load), offered(other)
    return ", ".join(
        f"{key} {_shown(mine.get(key))} against {_shown(its.get(key))}"
        for key in dict.fromkeys([*mine, *its])
        if mine.get(key) != its.get(key)
    )


def _shown(value: Any) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def left_out(a: Side, b: Side, compared: Iterable[str]) -> list[dict[str, Any]]:
    """Return the cells that only one side has, or measured, as `LeftOut` declares them."""
    chosen = set(compared)
    told = []
    for name, mine, its in (("a", a, b), ("b", b, a)):
        for key, same in mine.cells.items():
            if key in chosen or (name == "b" and key in a.cells):
                continue
            code, why = _why_left_out(key, name, same, its)
            told.append({"cell": same.name, "side": name, "code": code, "why": why})
    return told


def _why_left_out(key: str, name: str, same: Same, its: Side) -> tuple[str, str]:
    """Return code and words of why a cell of a side is not compared; `name` is the side's."""
    if key in its.cells:
        other = its.cells[key]
        if not same.trials and not other.trials:
            alike = _became(same) == _became(other)
            return "failed", f"{_became(same)} on both sides" if alike else "measured on neither side"
        where, found = (name, same) if not same.trials else ("ab".replace(name, ""), other)
        code = "unmeasured" if _became(found) == _UNMEASURED else "failed"
        return f"{code}-{where}", f"{_became(found)} on side {where.upper()}"
    near = next(
        (other for other in its.cells.values() if size_of(other.planned) == size_of(same.planned)), None
    )
    if near is None:
        return "absent", "the other side has no such cell"
    return "other-load", f"offered another load: {difference(same.load, near.load)}"


def _became(same: Same) -> str:
    """Return what became of a cell without a measured trial."""
    trials = [trial for cell in same.known for trial in cell.trials]
    return _UNMEASURED if all(trial.failure == (NOT_RUN.code,) for trial in trials) else "failed"
