"""Makes the comparison of two sides as data, as `tripod.runs.formats.comparison.Comparison` declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.report import environments
from tripod.report.contrasts import UNTOLD
from tripod.report.sides import (
    QUANTITIES,
    NotComparableError,
    Same,
    Side,
    common,
    identity,
    is_offered,
    key_of,
    left_out,
)
from tripod.runs.results import Run
from tripod.stats import between_runs
from tripod.stats.families import ALPHA, holm

FORMAT = 1

_HELD = "held"

FASTER, SLOWER, ALIKE = "faster", "slower", "no-difference"

REGRESSION = 3
"""Exit code of a comparison with a regression."""

NOTHING_TOLD = 2
"""Exit code of a comparison that was to find regressions and could judge no cell."""

_ONE_RUN = (
    "one run a side: what differs between runs of the same thing is not in the intervals, and machines drift "
    "by up to 50 % within an hour; several runs a side (A1,A2 B1,B2) would tell it"
)
_ONE_RUN_OF = "side {} has one run: how much runs of the same thing differ is known from the other side alone"
_NO_SHIFT = (
    f"fewer than {between_runs.FEWEST_CELLS} cells that the load does not limit: machine and stacks cannot "
    "be told apart"
)


def make(a: Side, b: Side, *, across: bool = False, allowed_loss: float | None = None) -> dict[str, Any]:
    """Return B compared with A.

    Args:
        a: what is compared with.
        b: what is judged.
        across: whether the legs of the two may stand otherwise.
        allowed_loss: a cell whose interval lies wholly beyond this share of loss is a regression.

    Raises:
        NotComparableError: if they do not fit; the message says what differs.

    """
    _refuse_the_same(a, b)
    if a.separation != b.separation and not across:
        raise NotComparableError(
            f"separation differs: A ({a.names}) is {a.separation or 'unknown'}, B ({b.names}) is "
            f"{b.separation or 'unknown'}; type: the same with --across, or ./collect.py interference for "
            "what sharing one machine costs"
        )
    keys = common(a, b)
    pairs = {quantity: _pairs(quantity, a, b, keys) for quantity in QUANTITIES}
    found = {quantity: _compared(quantity, a, b, pairs[quantity]) for quantity in QUANTITIES}
    mixed = {quantity: _is_mixed(quantity, pairs[quantity]) for quantity in QUANTITIES}
    cells = _cells(
        a, b, {key: _Speed(found, mixed, a.cells[key], b.cells[key]) for key in keys}, found, allowed_loss
    )
    without = left_out(a, b, keys)
    return {
        "format": FORMAT,
        "a": side_facts(a),
        "b": side_facts(b),
        "differences": environments.differences(a, b, keys),
        "caveats": [*_caveats(a, b), *problems(a, b)],
        "shifts": {quantity: _shift(compared.shift) for quantity, compared in found.items()},
        "cells": cells,
        "pairs": [],
        "left_out": without,
        "allowed_loss": allowed_loss,
        "regressions": [] if allowed_loss is None else _regressions(cells, without),
    }


def exit_code(comparison: Mapping[str, Any]) -> int:
    """Return 0; where regressions were looked for 3 if there are any, 2 if no cell could be judged."""
    if comparison["allowed_loss"] is None:
        return 0
    if comparison["regressions"]:
        return REGRESSION
    judged = [cell for cell in comparison["cells"] if cell["regression"] is not None]
    return 0 if judged else NOTHING_TOLD


def side_facts(side: Side) -> dict[str, Any]:
    """Return a side of runs, as `ComparedSide` declares it."""
    return {
        "runs": [_run_facts(run) for run in side.runs],
        "published": None,
        "separation": side.separation,
    }


def problems(*sides: Side) -> list[str]:
    """Return a line for each file of the sides' runs that was refused."""
    return [f"refused: {problem}" for side in sides for run in side.runs for problem in run.problems]


def _run_facts(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.plan["run_id"],
        "created_at": run.plan["created_at"],
        "trials": len(run.trials),
        "trials_failed": sum(trial.figures is None for trial in run.trials),
    }


def _refuse_the_same(a: Side, b: Side) -> None:
    mine = {identity(run) for run in a.runs}
    twice = [run.plan["run_id"] for run in b.runs if identity(run) in mine]
    if twice:
        raise NotComparableError(f"run {', '.join(twice)} is on both sides; type: ./collect.py runs")


def _caveats(a: Side, b: Side) -> list[str]:
    if len(a.runs) == len(b.runs) == 1:
        return [_ONE_RUN]
    return [_ONE_RUN_OF.format(name) for name, side in (("A", a), ("B", b)) if len(side.runs) == 1]


_Pairs = Mapping[str, tuple[Same, Same]]


def _pairs(quantity: str, a: Side, b: Side, keys: Sequence[str]) -> _Pairs:
    """Return the cells of both sides that are to be believed and know the quantity."""
    pairs = {key: (a.cells[key], b.cells[key]) for key in keys}
    return {
        key: (of_a, of_b)
        for key, (of_a, of_b) in pairs.items()
        if not of_a.void and not of_b.void and not (quantity == "rate" and is_offered(of_a.load))
    }


def _compared(quantity: str, a: Side, b: Side, pairs: _Pairs) -> between_runs.Comparison:
    """Return the comparison of one quantity over these cells."""
    values = [_values(side, list(pairs), quantity) for side in (a, b)]
    if not all(values):
        return between_runs.Comparison(None, {})
    return between_runs.compare(
        *values,
        kinds=_kinds(quantity, pairs),
        unpooled=[key for key, pair in pairs.items() if any(same.wide for same in pair)],
        steps={key: of_a.step for key, (of_a, _) in pairs.items()} if quantity == "rate" else {},
    )


def _kinds(quantity: str, pairs: _Pairs) -> dict[str, str]:
    """Return the cells that do not tell the shift.

    Where too few tell it without those that slots limit, these do, too.
    """
    limited = _limited(quantity, pairs)
    mixed = _is_mixed(quantity, pairs)
    return {key: kind for key, kind in limited.items() if not (mixed and kind == _HELD)}


def _is_mixed(quantity: str, pairs: _Pairs) -> bool:
    """Whether too few cells follow the machine wholly, so that some that slots limit tell the shift."""
    limited = _limited(quantity, pairs)
    return _HELD in limited.values() and len(pairs) - len(limited) < between_runs.FEWEST_CELLS


def _limited(quantity: str, pairs: _Pairs) -> dict[str, str]:
    """Return the cells whose values the load or slots set; CPU time per request follows the machine."""
    if quantity == "app_cpu":
        return {}
    held = {key: _HELD for key, pair in pairs.items() if _in_part(*pair)}
    if quantity != "rate":
        return held
    return held | {key: "bound" for key, pair in pairs.items() if any(same.bound for same in pair)}


def _in_part(a: Same, b: Same) -> bool:
    """Whether a cell follows the machine in part only: its slots limit it on either side."""
    return a.held or b.held


def _values(side: Side, keys: Sequence[str], quantity: str) -> list[between_runs.Values]:
    """Return the values of each run that has any."""
    runs = [
        {
            (key, block): value
            for key in keys
            for block, value in side.cells[key].values(quantity, number).items()
        }
        for number in range(len(side.runs))
    ]
    return [values for values in runs if values]


def _shift(found: between_runs.Shift | None) -> dict[str, Any] | None:
    if found is None:
        return None
    interval = [found.interval.low, found.interval.high] if found.interval else None
    return {"ratio": found.ratio, "interval": interval, "cells": found.cells}


def _change(found: between_runs.Against | None) -> dict[str, Any] | None:
    if found is None:
        return None
    beside = found.to_shift
    return {
        "ratio": found.ratio.value,
        "interval": _both_ends(found.ratio),
        "to_shift": beside.value if beside else None,
        "to_shift_interval": _both_ends(beside) if beside else None,
    }


def _both_ends(found: between_runs.Tested) -> list[float] | None:
    return [found.interval.low, found.interval.high] if found.interval else None


def _cells(
    a: Side,
    b: Side,
    speeds: Mapping[str, _Speed],
    found: Mapping[str, between_runs.Comparison],
    allowed_loss: float | None,
) -> list[dict[str, Any]]:
    """Return the cells that are compared; Holm's family is those that can be judged."""
    p = {key: speed.p for key, speed in speeds.items() if speed.p is not None}
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    cells = []
    for key, speed in speeds.items():
        answer, why = speed.answer(adjusted.get(key))
        cells.append(
            {
                **cell_facts(b.cells[key]),
                "a": a.cells[key].figures(),
                "b": b.cells[key].figures(),
                "change": {quantity: _change(found[quantity].cells.get(key)) for quantity in QUANTITIES},
                "judged_by": speed.by,
                "follows": speed.follows,
                "p": adjusted.get(key),
                "answer": answer,
                "why": why,
                "regression": None if allowed_loss is None else speed.lost(allowed_loss),
            }
        )
    return cells


def cell_facts(same: Same) -> dict[str, Any]:
    """Return what both sides have of a cell."""
    fixed = ("stack", "command", "workers", "threads", "database", "db_sleep_ms")
    return {**{key: same.planned[key] for key in fixed}, "load": same.load["name"]}


class _Speed:
    """How fast a cell of B is against A, beside the shift."""

    def __init__(
        self, found: Mapping[str, between_runs.Comparison], mixed: Mapping[str, bool], a: Same, b: Same
    ) -> None:
        self._a, self._b = a, b
        self.by = "p95" if is_offered(a.load) else "rate"
        self.follows = "in-part" if _in_part(a, b) else "mixed" if mixed[self.by] else "shift"
        against = found[self.by].cells.get(key_of(a.planned))
        self._why = self._why_untold(against)
        self._tests: list[between_runs.Tested] = []
        if against is not None and against.to_shift is not None:
            self._tests = [against.to_shift, *([against.ratio] if self.follows != "shift" else [])]

    @property
    def p(self) -> float | None:
        """How often chance alone makes it differ so far; None where nothing is judged."""
        known = [test.p for test in self._tests if test.p is not None]
        return max(known) if known and self._why is None else None

    def answer(self, p: float | None) -> tuple[str, str | None]:
        """Return the answer at this adjusted p, and why it cannot be told."""
        if self._why is not None or p is None:
            return UNTOLD, self._why
        ways = {(test.value > 1) is (self.by == "rate") for test in self._tests}
        if p > ALPHA or len(ways) > 1:
            return (UNTOLD, self._at_least()) if self._bound else (ALIKE, None)
        [faster] = ways
        # what the load limits on one side may be faster there still
        if self._bound and (self._a.bound if faster else self._b.bound):
            return UNTOLD, self._at_least()
        return (FASTER if faster else SLOWER), None

    def lost(self, allowed: float) -> bool | None:
        """Return whether more than the allowed share is surely lost; None where nothing tells."""
        if not self._a.void and self._b.void:
            return True
        if self.by == "rate" and self._b.dead and not self._a.silent:
            return True
        if self.p is None:
            return None
        intervals = [test.interval for test in self._tests if test.interval is not None]
        most = max(one.high if self.by == "rate" else 1 / one.low for one in intervals)
        lost = most < 1 - allowed
        # at least so fast: a loss is not shown, and where it was at least so fast before none can be denied
        unsure = self._bound and (bool(self._b.bound) or not lost)
        return None if unsure else lost

    @property
    def _bound(self) -> bool:
        return self.by == "rate" and bool(self._a.bound or self._b.bound)

    def _why_untold(self, against: between_runs.Against | None) -> str | None:
        for name, same in (("A", self._a), ("B", self._b)):
            if same.void:
                return f"void on side {name}: {', '.join(same.void)}"
            if self.by == "rate" and same.silent:
                return f"a trial of side {name} answered nothing in its window"
        if self.by == "rate" and self._a.bound and self._b.bound:
            return "the load limits it on both sides"
        if against is None:
            return "no trial of one side knows it"
        if against.to_shift is None:
            return _NO_SHIFT
        return "too few trials for an interval" if against.to_shift.p is None else None

    def _at_least(self) -> str:
        name, codes = ("A", self._a.bound) if self._a.bound else ("B", self._b.bound)
        return f"true only as at least on side {name}: {', '.join(codes)}"


def _regressions(cells: Sequence[Mapping[str, Any]], without: Sequence[Mapping[str, Any]]) -> list[str]:
    lost = [cell["b"]["cell"] for cell in cells if cell["regression"]]
    return lost + [one["cell"] for one in without if one["side"] == "a" and one["code"] == "failed-b"]
