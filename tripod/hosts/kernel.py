"""Kernel limits: what a host has against what it should have, and what a reset gives back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sight:
    """What roles/kernel/files/look.sh printed: limits in force, those set at boot, those of before."""

    now: Mapping[str, str]
    boot: Mapping[str, str]
    before: Mapping[str, str]


def read(text: str) -> Sight:
    """Return what the script printed, as values; a limit that the kernel lacks is left out."""
    now, boot, before = (part.strip() for part in text.split("\x1d"))
    return Sight(_values(now), _values(boot), json.loads(before or "{}"))


def _values(lines: str) -> dict[str, str]:
    """Return name → value of lines `name = value`, with single spaces between a value's parts."""
    pairs = (line.partition("=") for line in lines.splitlines() if not line.startswith("#"))
    return {name.strip(): " ".join(value.split()) for name, _, value in pairs if value.strip()}


def differing(text: str, wanted: Mapping[str, object]) -> dict[str, str]:
    """Return the limits to set, since the host has other ones now or at boot."""
    seen = read(text)
    return {
        name: value
        for name, value in _texts(wanted).items()
        if seen.now.get(name) != value or seen.boot.get(name) != value
    }


def remembered(text: str, wanted: Mapping[str, object]) -> dict[str, str]:
    """Return what a reset shall give back: each limit as it was before the first change."""
    seen = read(text)
    return {name: value for name, value in seen.now.items() if name in wanted} | dict(seen.before)


def problems(text: str, wanted: Mapping[str, object]) -> list[str]:
    """Return the limits that did not take, with what they are."""
    now = read(text).now
    return [
        f"{name} is {now.get(name, 'not known there')}, wanted {value}"
        for name, value in _texts(wanted).items()
        if now.get(name) != value
    ]


def before(text: str) -> dict[str, str]:
    """Return the limits that a reset gives back."""
    return dict(read(text).before)


def _texts(wanted: Mapping[str, object]) -> dict[str, str]:
    return {name: " ".join(str(value).split()) for name, value in wanted.items()}
