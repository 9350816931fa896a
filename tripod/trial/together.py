"""How several load hosts offer one load: warm up, agree on a time, measure; one that fails ends all.

k6 neither starts several processes at one time nor ends them together. So the hosts' processes meet once
more, between warm-up and measurement: how long its requests in flight take to end is each host's own affair.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tripod.trial import told
from tripod.trial.meeting import Meeting
from tripod.trial.steps import K6, K6_END, Ask, Results, sound
from tripod.trial.summaries import k6_summary
from tripod.trial.told import Here, Start, Trial

ASKED_S, HEARD_S = "asked_s", "heard_s"
"""What a process adds to what its host said: when it asked and heard, by the controller's monotonic clock."""
AGREED_S = "agreed_s"
"""What it adds then: when this host was to begin, by the host's own wall clock."""

# How long a host takes to begin is known from its warm-up, within a third, and a little for a busy machine.
_ROOM = 1.33
_LATE_S = 0.2
# k6 makes its users before it begins. It took 13 ms for each of 2,000 on two busy cores.
_S_PER_USER = 0.015


def load(trial: Trial, here: Here, ask: Ask, meeting: Meeting, main_pid: int) -> Results:
    """Offer the load on one host, and return host → what its modules returned.

    Raises:
        AbsentError: if the process of another host never came.

    """
    warmed = _round(trial, here, ask, meeting, lambda: told.warmup(trial, here, main_pid))
    if not sound(warmed.values()):
        return warmed
    starts = agreed(trial, warmed)

    def measurement() -> dict[str, Any]:
        return told.measurement(trial, here, main_pid, starts[here.name])

    measured = _round(trial, here, ask, meeting, measurement)
    at = {host: {AGREED_S: start.at_s} for host, start in starts.items()}
    return {host: joined(warmed[host], said) | at.get(host, {}) for host, said in measured.items()}


def agreed(trial: Trial, warmed: Results) -> dict[str, Start]:
    """Return load host → when it begins to measure; every process makes the same of what all have heard.

    The time is that of the first host's clock, which its module told as it ended; how long that took to be
    heard makes all of them begin earlier, and none before another. How far their clocks are apart is known.
    """
    first, *_ = hosts = trial.legs["load"]
    since_s = max(said[HEARD_S] for said in warmed.values()) - warmed[first][HEARD_S]
    lead_s = _LATE_S + _ROOM * max(
        _reach_s(warmed[host]) + _starting_s(trial, warmed[host]) for host in hosts
    )
    at_s = warmed[first]["clock_s"] + since_s + lead_s
    return {host: Start(at_s + _ahead_s(trial, host), lead_s, warmed[host]["k6_version"]) for host in hosts}


def joined(first: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a load host's two modules said, as one that had done both would have said it."""
    seconds, later = first.get("seconds", {}), then.get("seconds", {})
    together = {
        phase: _sum(seconds.get(phase), later.get(phase)) for phase in dict.fromkeys([*seconds, *later])
    }
    return {
        **first,
        **then,
        "ready": then.get("ready") or first.get("ready"),
        "k6": then.get("k6") or first.get("k6"),
        "summaries": {**first.get("summaries", {}), **then.get("summaries", {})},
        "seconds": together,
    }


def _round(
    trial: Trial, here: Here, ask: Ask, meeting: Meeting, arguments: Callable[[], dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Ask this host, and share what all said; end its k6 as soon as another load host cannot go on."""
    said: Mapping[str, Any] = {}
    watch = None
    asked_s = time.monotonic()
    if "load" in here.legs:
        watch = _Watch(trial, here, ask, meeting)
        said = ask(K6, arguments())
        watch.no_longer()
    heard = meeting.share({**said, ASKED_S: asked_s, HEARD_S: time.monotonic()})
    if watch:
        watch.wait()
    return heard


class _Watch:
    """Listens to the other load hosts while this one is busy, and ends its k6 if one of them cannot go on."""

    def __init__(self, trial: Trial, here: Here, ask: Ask, meeting: Meeting) -> None:
        """Begin to listen."""
        self._ask, self._told = ask, told.end(trial, here)
        self._busy = True
        self._lock = threading.Lock()
        others = [host for host in trial.legs["load"] if host != here.name]
        self._threads = [
            threading.Thread(target=self._listen, args=(meeting.overhear(host),), daemon=True)
            for host in others
        ]
        for thread in self._threads:
            thread.start()

    def no_longer(self) -> None:
        """Note that this host has ended by itself."""
        self._busy = False

    def wait(self) -> None:
        """Wait until nobody listens any more: when all have said something."""
        for thread in self._threads:
            thread.join()

    def _listen(self, hear: Callable[[], Mapping[str, Any]]) -> None:
        if sound([hear()]):
            return
        with self._lock:
            if self._busy:
                self._busy = False
                self._ask(K6_END, self._told)


def _reach_s(said: Mapping[str, Any]) -> float:
    """Return how long a module takes on a host beside its work: SSH, Python, and the way back."""
    worked_s = sum(said["seconds"].get(phase) or 0.0 for phase in ("ready", "warmup"))
    return max(float(said[HEARD_S]) - float(said[ASKED_S]) - worked_s, 0.0)


def _starting_s(trial: Trial, said: Mapping[str, Any]) -> float:
    """Return how long a host's k6 takes to begin: as long as that took before, beside the warm-up itself."""
    summary = k6_summary(said, "warmup")
    if summary is None:
        return _S_PER_USER * float(trial.cell["load"]["vus"]) / len(trial.legs["load"])
    ran_s = float(json.loads(summary)["state"]["testRunDurationMs"]) / 1000
    return max(float(said["seconds"]["warmup"]) - ran_s, 0.0)


def _ahead_s(trial: Trial, host: str) -> float:
    clock = trial.clock(host)
    return float(clock["offset_s"]) if clock else 0.0  # then nobody can tell how far apart they began


def _sum(one: float | None, other: float | None) -> float | None:
    known = [seconds for seconds in (one, other) if seconds is not None]
    return sum(known) if known else None
