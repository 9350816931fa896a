"""Governor and turbo: what a host has against what keeps its clock the same, and what a reset gives back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

# File of sysfs → what it shall hold: the highest clock that can be kept, and none above it.
_WANTED = {"scaling_governor": "performance", "no_turbo": "1", "boost": "0"}
_MEANS = {"scaling_governor": "governor", "no_turbo": "turbo", "boost": "turbo"}


@dataclass(frozen=True)
class Sight:
    """What roles/tuning/files/look.sh printed.

    Attributes:
        now: path in sysfs → value, of every switch that the kernel has.
        settable: those that can be set on this host.
        before: path → value, as it was before the first change.

    """

    now: Mapping[str, str]
    settable: frozenset[str]
    before: Mapping[str, str]


def read(text: str) -> Sight:
    """Return what the script printed, as values."""
    now, before = (part.strip() for part in text.split("\x1d"))
    # Two words and what is left: a driver may show a switch that it has no value for, or has more words of.
    rows = [(*line.split(None, 2), "")[:3] for line in now.splitlines()]
    return Sight(
        now={path: value for path, _, value in rows},
        settable=frozenset(path for path, can, _ in rows if can == "yes"),
        before=json.loads(before or "{}"),
    )


def differing(text: str) -> dict[str, str]:
    """Return what is to be written, and can be: path → value."""
    seen = read(text)
    return {
        path: _wanted(path)
        for path, value in seen.now.items()
        if path in seen.settable and value != _wanted(path)
    }


def remembered(text: str) -> dict[str, str]:
    """Return what a reset shall give back: each switch as it was before the first change."""
    seen = read(text)
    return {path: seen.now[path] for path in differing(text)} | dict(seen.before)


def before(text: str) -> dict[str, str]:
    """Return what a reset gives back."""
    return dict(read(text).before)


def problems(text: str) -> list[str]:
    """Return the switches that were written and did not take, with what they hold."""
    now = read(text).now
    return [f"{path} is {now[path]}, wanted {value}" for path, value in differing(text).items()]


def lacking(text: str, host: str) -> list[str]:
    """Return a line for governor and turbo each, where it is not as wanted and cannot be set."""
    seen, told = read(text), []
    for meant in dict.fromkeys(_MEANS.values()):
        there = [path for path in seen.now if _MEANS[PurePosixPath(path).name] == meant]
        if not there:
            told.append(f"{host}: {meant} cannot be set: the kernel shows no switch for it, as in most VMs")
        elif held := [
            path for path in there if path not in seen.settable and seen.now[path] != _wanted(path)
        ]:
            values = " and ".join(sorted({seen.now[path] for path in held}))
            told.append(
                f"{host}: {meant} is {values} and cannot be set: {held[0]} needs root, a /sys that can be "
                f"written, and a driver that has {_wanted(held[0])}"
            )
    return told


def _wanted(path: str) -> str:
    return _WANTED[PurePosixPath(path).name]
