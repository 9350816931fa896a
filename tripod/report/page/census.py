"""What a table as a whole says, in one sentence: how many rows have a place, and why others have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue.words import count
from tripod.report import order
from tripod.verdicts.rule import Severity

# What a row without a place is, by its severity; the best first.
_NONE = {
    Severity.BOUND: 'true only as "at least"',
    Severity.VOID: "not to be believed",
    Severity.FAILED: "not measured",
}


def state_of(row: Mapping[str, Any]) -> str:
    """Return what decides a row's place: `placed`, `bound`, `void` or `failed`."""
    found = order.severity_of(row)
    return "placed" if found is None or found.has_place else found.word


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many of the rows have a place, and what the others are."""
    if not rows:
        return "There are no rows."
    states = [state_of(row) for row in rows]
    parts = [f"{states.count('placed')} of {count(len(rows), 'row')} {_have(states)} a place"]
    parts += [
        f"{states.count(severity.word)} {_is(states.count(severity.word))} {told}"
        for severity, told in _NONE.items()
        if severity.word in states
    ]
    return "; ".join(parts) + "."


def _have(states: Sequence[str]) -> str:
    return "has" if states.count("placed") == 1 else "have"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
