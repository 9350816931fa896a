"""How a trial goes on one host: start, load, stop; each step on all hosts at once, and one after the other.

Every process that conducts a host calls `conduct`, and all of them learn what all hosts said. k6 runs only if
every start was sound. Stopping is unconditional.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tripod.trial import told
from tripod.trial.meeting import Meeting
from tripod.trial.steps import LOAD, START, STOP, Results, Steps, sound
from tripod.trial.told import Here, Trial

Ask = Callable[[str, dict[str, Any]], Mapping[str, Any]]
"""Runs a module on this process's host, given its name and arguments; returns its result, never raises."""

SERVICES, K6 = "tripod_services", "tripod_k6"


def conduct(trial: Trial, here: Here, ask: Ask, meeting: Meeting) -> Steps:
    """Conduct a trial on one host, and return step → host → what the host's module returned.

    Raises:
        AbsentError: if the process of another host never came.

    """
    services = told.services(trial, here)
    keeper = {"manager": here.service_manager, "root": here.root, "lease": here.lease, "calibrate": True}
    begin, end = ({"sample": trial.name}, {"sampled": trial.name}) if trial.sampled else ({}, {})
    started = meeting.share(ask(SERVICES, keeper | begin | {"start": services}))
    said: Mapping[str, Any] = {}
    if "load" in here.legs and sound(started.values()):
        said = ask(K6, told.load(trial, here, _main_pid(trial, started)))
    loaded = meeting.share(said)
    stopped = meeting.share(ask(SERVICES, keeper | end | {"observe": services}))
    return {START: started, LOAD: loaded, STOP: stopped}


def _main_pid(trial: Trial, started: Results) -> int:
    (host,) = trial.legs["app"]
    return int(started[host]["services"][trial.cell["service"]]["main_pid"])
