"""How a trial goes on one host: start, load, stop; each step on all hosts at once, and one after the other.

Every process that conducts a host calls `conduct`, and all of them learn what all hosts said. k6 runs only if
every start was sound. Stopping is unconditional.
"""

from __future__ import annotations

from tripod.trial import together, told
from tripod.trial.meeting import Meeting
from tripod.trial.steps import K6, LOAD, SERVICES, START, STOP, Ask, Results, Steps, sound
from tripod.trial.told import Here, Trial


def conduct(trial: Trial, here: Here, ask: Ask, meeting: Meeting) -> Steps:
    """Conduct a trial on one host, and return step → host → what the host's module returned.

    Raises:
        AbsentError: if the process of another host never came.

    """
    services = told.services(trial, here)
    keeper = {"manager": here.service_manager, "root": here.root, "lease": here.lease, "calibrate": True}
    begin, end = ({"sample": trial.name}, {"sampled": trial.name}) if trial.sampled else ({}, {})
    started = meeting.share(ask(SERVICES, keeper | begin | {"start": services}))
    loaded = _loaded(trial, here, ask, meeting, started)
    stopped = meeting.share(ask(SERVICES, keeper | end | {"observe": services}))
    return {START: started, LOAD: loaded, STOP: stopped}


def _loaded(trial: Trial, here: Here, ask: Ask, meeting: Meeting, started: Results) -> Results:
    """Offer the load, if all has started."""
    if not sound(started.values()):
        return meeting.share({})
    main_pid = _main_pid(trial, started)
    if trial.together:
        return together.load(trial, here, ask, meeting, main_pid)
    return meeting.share(ask(K6, told.load(trial, here, main_pid)) if "load" in here.legs else {})


def _main_pid(trial: Trial, started: Results) -> int:
    (host,) = trial.legs["app"]
    return int(started[host]["services"][trial.cell["service"]]["main_pid"])
