"""How ready a host is to give the same measurement twice: what was seen there, judged, with remedies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

READY, NOT_READY, NOT_KNOWN = "ready", "not ready", "not known"

_TUNE = "-e tune=true"
_GIB = 2**30


@dataclass(frozen=True)
class Point:
    """One point of a host's readiness.

    Attributes:
        what: was looked at.
        state: one of READY, NOT_READY, NOT_KNOWN.
        found: what is there, or why nobody knows.
        remedy: what makes it ready; None where it is, or where nothing is known to help.

    """

    what: str
    state: str
    found: str
    remedy: str | None = None


def judged(
    seen: Mapping[str, Any], limits: Mapping[str, str], wanted: Mapping[str, object]
) -> list[dict[str, Any]]:
    """Return a host's points, each as a dictionary.

    Args:
        seen: what `plugins/module_utils/tripod/readiness.py` returned.
        limits: the kernel's limits in force.
        wanted: those that it should have.

    """
    points = (
        _governor(seen["governors"]),
        _switch("turbo", seen["turbo"], _TUNE, "no switch for it in /sys"),
        _switch(
            "SMT",
            seen["smt"],
            "as root there: echo off > /sys/devices/system/cpu/smt/control, or in the firmware",
            "the kernel does not say",
        ),
        _swap(seen["swap_bytes"]),
        _cores(seen),
        _quota(seen["cpu_quota"]),
        _virtualisation(seen["virtualisation"]),
        _busy(seen["busy"]),
        _clock(seen["clock"]),
        _open_files(seen["open_files"]),
        _limits(limits, wanted),
    )
    return [asdict(point) for point in points]


def lines(points: Iterable[Mapping[str, Any]], host: str) -> list[str]:
    """Return what people are told of a host's points: the ready ones in one line, each other in its own."""
    points = list(points)
    ready = [point["what"] for point in points if point["state"] == READY]
    told = [f"{host}: ready: {', '.join(ready) or 'nothing'}"]
    for state in (NOT_READY, NOT_KNOWN):
        for point in points:
            if point["state"] == state:
                remedy = f". Remedy: {point['remedy']}" if point["remedy"] else ""
                told.append(f"  {state}: {point['what']}: {point['found']}{remedy}")
    return told


def _governor(governors: Sequence[str] | None) -> Point:
    if governors is None:
        return Point("governor", NOT_KNOWN, "no cpufreq in /sys")
    if list(governors) == ["performance"]:
        return Point("governor", READY, "performance")
    return Point("governor", NOT_READY, " and ".join(governors), _TUNE)


def _switch(what: str, on: bool | None, remedy: str, unknown: str) -> Point:  # noqa: FBT001 - as it was seen
    if on is None:
        return Point(what, NOT_KNOWN, unknown)
    return Point(what, NOT_READY, "on", remedy) if on else Point(what, READY, "off")


def _swap(size: int | None) -> Point:
    if size is None:
        return Point("swap", NOT_KNOWN, "no /proc/meminfo")
    if size == 0:
        return Point("swap", READY, "none")
    return Point("swap", NOT_READY, f"{size / _GIB:.1f} GiB", "as root there: swapoff -a")


def _cores(seen: Mapping[str, Any]) -> Point:
    usable, cpus = seen["cpus_usable"], seen["cpus"]
    if usable is None or cpus is None:
        return Point("cores", NOT_KNOWN, "the system does not say which may be used")
    if usable == cpus:
        return Point("cores", READY, f"all {cpus}")
    remedy = (
        "lift the cpuset (docker --cpuset-cpus, AllowedCPUs=), or read the rates as those of so many cores"
    )
    return Point("cores", NOT_READY, f"{usable} of {cpus} may be used", remedy)


def _quota(quota: Mapping[str, float | None] | None) -> Point:
    if quota is None:
        return Point("CPU quota", NOT_KNOWN, "no cgroups")
    if quota["cpus"] is None:
        return Point("CPU quota", READY, "none")
    remedy = "lift it (docker --cpus, CPUQuota=): a quota stops everything for the rest of each period"
    return Point("CPU quota", NOT_READY, f"{quota['cpus']:g} CPUs", remedy)


def _virtualisation(name: str | None) -> Point:
    if name is None:
        return Point("virtualisation", NOT_KNOWN, "neither systemd-detect-virt nor /proc says")
    if name == "none":
        return Point("virtualisation", READY, "none")
    remedy = "a machine, or cores, of your own: neighbours cannot be seen from inside"
    return Point("virtualisation", NOT_READY, name, remedy)


def _busy(processes: Sequence[Mapping[str, Any]] | None) -> Point:
    if processes is None:
        return Point("other processes", NOT_KNOWN, "the system does not show them")
    if not processes:
        return Point("other processes", READY, "none computes")
    named = ", ".join(f"{one['name']} ({one['share']:.0%} of a core)" for one in processes)
    return Point("other processes", NOT_READY, named, "stop them for the run")


def _clock(clock: Mapping[str, Any] | None) -> Point:
    if clock is None:
        return Point("clock", NOT_KNOWN, "the system does not say whether anything keeps it right")
    if clock["synchronised"]:
        return Point("clock", READY, f"synchronised, {clock['most_off_s'] * 1000:.1f} ms off at most")
    remedy = "as root there: apt-get install chrony, or timedatectl set-ntp true"
    return Point("clock", NOT_READY, "nothing keeps it right", remedy)


def _open_files(files: Mapping[str, int]) -> Point:
    most, wanted = files["most"], files["wanted"]
    if most < 0 or most >= wanted:  # -1: without limit
        return Point("open files", READY, "without limit" if most < 0 else str(most))
    return Point("open files", NOT_READY, f"at most {most}", f"ulimit -Hn {wanted} where a run is started")


def _limits(limits: Mapping[str, str], wanted: Mapping[str, object]) -> Point:
    if not limits:
        return Point("kernel limits", NOT_KNOWN, "no /proc/sys")
    short = {
        name: value
        for name, value in wanted.items()
        if name in limits and not _enough(name, limits[name], str(value))
    }
    if not short:
        return Point("kernel limits", READY, "as wanted")
    found = ", ".join(f"{name} is {limits[name]}" for name in short)
    asked = " ".join(f"'{name}={value}'" for name, value in short.items())
    return Point("kernel limits", NOT_READY, found, f"as root there: sysctl -w {asked}")


def _enough(name: str, found: str, wanted: str) -> bool:
    """Return whether a limit is at least as wide as wanted; of a range of ports, that is both of its ends."""
    have, need = [int(part) for part in found.split()], [int(part) for part in wanted.split()]
    if name.endswith("_range"):
        return have[0] <= need[0] and have[1] >= need[1]
    return have[0] >= need[0]
