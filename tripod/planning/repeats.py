"""How many trials each cell has: as the user says, or as many as a budget buys, or a precision needs."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue.lengths import MOST_REPEATS
from tripod.inputs.errors import InputError, found
from tripod.stats import power

# Of trials of one cell around the effect of their block; docs/method.md says in which runs it was seen.
DEVIATION = 0.03

_FEWEST_FOR_AN_INTERVAL = 2
# Two trials cannot tell which of them is the odd one.
_FEWEST_FOR_A_PRECISION = 3
_ONE_OF = ("repeats", "budget", "precision")


def choose(
    given: Mapping[str, Any], default: int, cells: Sequence[Mapping[str, Any]], block_s: float, setup_s: float
) -> dict[str, Any]:
    """Return how often each cell is measured, and what that buys, as it stands in plan.json.

    Args:
        given: the parameters that the user gave.
        default: what the matrix says.
        cells: of the run.
        block_s: how long one trial of each of them takes together.
        setup_s: what the run takes beside its trials.

    Raises:
        InputError: if the user asks for more than one of the three, or for what cannot be had.

    """
    said = [name for name in _ONE_OF if name in given]
    if len(said) > 1:
        told = " and ".join(f"{name} is {found(given[name])}" for name in said)
        allowed = f"one of {', '.join(_ONE_OF)}, since each says how many trials there are"
        raise InputError(f"{told}; allowed: {allowed}")
    by = said[0] if said else "matrix"
    repeats = int(given.get("repeats", default))
    compared = _fewest_compared(cells)
    if by == "budget":
        repeats = _affordable(given["budget"], block_s, setup_s, len(cells))
    elif by == "precision":
        repeats = _precise(given["precision"], compared)
    return {
        "count": repeats,
        "chosen_by": by,
        "expected_precision": _precision(repeats, compared),
        "expected_deviation": DEVIATION,
    }


def bought(chosen: Mapping[str, Any]) -> str:
    """Return in words what the chosen number of trials buys."""
    count, precision = chosen["count"], chosen["expected_precision"]
    if count == 1:
        return "one trial of each cell, so nothing will have an interval or be told apart (-e repeats=3)"
    trials = f"{count} trials of each cell"
    if precision is None:
        return f"{trials}, and nothing to compare it with"
    deviation = chosen["expected_deviation"]
    return (
        f"{trials}, which tell the ratio of two to about ±{100 * precision:.1f} % where trials deviate by "
        f"{100 * deviation:g} %"
    )


def _fewest_compared(cells: Sequence[Mapping[str, Any]]) -> int:
    """Return the number of cells of the smallest group: those of one database setting and one load.

    A stack with a number of users of its own is offered another load than the others, under one name.
    """
    return min(
        Counter(json.dumps([cell["db_sleep_ms"], cell["load"]], sort_keys=True) for cell in cells).values()
    )


def _precision(repeats: int, cells: int) -> float | None:
    """Return how far a ratio's 95 % interval will reach; None where there is nothing to compare."""
    if repeats < _FEWEST_FOR_AN_INTERVAL or cells < 2:  # noqa: PLR2004 - one cell has no ratio
        return None
    return power.precision(DEVIATION, repeats, power.pooled_degrees(cells, repeats))


def _affordable(budget_s: float, block_s: float, setup_s: float, cells: int) -> int:
    repeats = int((budget_s - setup_s) // block_s)
    if repeats >= _FEWEST_FOR_AN_INTERVAL:
        return min(repeats, MOST_REPEATS)
    needed = _minutes(setup_s + _FEWEST_FOR_AN_INTERVAL * block_s)
    one = (
        f"one trial of each takes about {_minutes(setup_s + block_s)}, type: -e repeats=1"
        if repeats == 1
        else f"not even one trial of each fits, which takes about {_minutes(setup_s + block_s)}"
    )
    raise InputError(
        f"budget is {_minutes(budget_s)}; allowed: {needed} or more, which two trials of each of the {cells} "
        f"cells take, and an interval needs two; or fewer cells (-e only=, workers=, load=); {one}"
    )


def _precise(precision: float, cells: int) -> int:
    asked = f"precision is {100 * precision:g}%"
    least = _precision(MOST_REPEATS, cells)
    if least is None:
        raise InputError(f"{asked}, but there is one cell of each load; allowed: two or more, to be compared")
    repeats = power.fewest(
        lambda blocks: (_precision(blocks, cells) or math.inf) <= precision,
        _FEWEST_FOR_A_PRECISION,
        MOST_REPEATS,
    )
    if repeats is None:
        raise InputError(
            f"{asked}; allowed: {math.ceil(1000 * least) / 10:g}% or more, which {MOST_REPEATS} trials of "
            f"each cell give where trials deviate by {100 * DEVIATION:g} %"
        )
    return repeats


def _minutes(seconds: float) -> str:
    """Return a time as `-e budget=` takes it, in whole seconds, upwards."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return "".join([f"{minutes}m" if minutes else "", f"{rest}s" if rest or not minutes else ""])
