"""What differs between two documents, for a refusal that says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tripod.inputs.errors import found

_MOST = 5


def plain(value: Any) -> Any:
    """Return a value as JSON gives it back, so that it can be compared with what was read from a file."""
    return json.loads(json.dumps(value))


def between(before: Any, now: Any, *, alike: float = 0.0) -> list[str]:
    """Return the places where two documents differ, each with both values.

    Args:
        before: as a run has it.
        now: as it would be now.
        alike: numbers that differ by no more than this share of the greater count as equal.

    """
    return list(_places(before, plain(now), "", alike))


def told(differences: list[str]) -> str:
    """Return the first few of them on one line."""
    more = f" and {len(differences) - _MOST} more" if len(differences) > _MOST else ""
    return "; ".join(differences[:_MOST]) + more


def _places(before: Any, now: Any, where: str, alike: float) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*before, *now]):
            place = f"{where}.{key}".lstrip(".")
            if key not in now:
                yield f"{place} is no longer there"
            elif key not in before:
                yield f"{place} is new"
            else:
                yield from _places(before[key], now[key], place, alike)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from _places(one, other, f"{where}[{index}]", alike)
    elif before != now and not _close(before, now, alike):
        yield f"{where} was {found(before)} and is {found(now)}"


def _close(before: Any, now: Any, alike: float) -> bool:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (before, now))
    return numbers and abs(before - now) <= alike * max(abs(before), abs(now))
