"""The order of a trial's steps, on one host and on several, and what each host is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from trial_cell import CELL

from tripod.trial.conduct import K6, SERVICES, conduct
from tripod.trial.meeting import Meeting
from tripod.trial.told import Here, Trial, load, trials

ENDPOINTS = {"app": {"address": "10.0.0.2", "port": 8000}, "db": {"address": "10.0.0.3", "port": 9000}}
PLAN = {
    "run_id": "a-run",
    "parameters": {"telemetry": True},
    "legs": {"load": ["h"], "app": ["h"], "db": ["h"]},
    "cells": [CELL, CELL | {"cell": "other"}],
    "trials": [
        {"trial": "other-r1", "cell": "other", "repeat": 1},
        {"trial": "sync-w1-db25-r1", "cell": "sync-w1-db25", "repeat": 1},
    ],
}
HERE = Here("h", ("load", "app", "db"), "/opt/tripod", "systemd", "a-lease", "/opt/k6")
STARTED = {"services": {"tripod-sync-w1": {"main_pid": 7}}}
TRIAL = Trial(**trials(PLAN, ENDPOINTS, {})[1])


class Host:
    """A host that answers as told, and keeps what it was asked."""

    def __init__(self, **start: Any) -> None:
        """Answer the start with this beside its services."""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._start = STARTED | start

    def ask(self, module: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        """Answer."""
        self.asked.append((module, arguments))
        return self._start if "start" in arguments else {"of": module}


def test_a_trial_on_one_host(tmp_path: Path) -> None:
    """Database and app are started, k6 told the app's main PID, both observed and stopped."""
    host = Host()
    steps = conduct(TRIAL, HERE, host.ask, Meeting(tmp_path, "h", ["h"], 0))
    assert [module for module, _ in host.asked] == [SERVICES, K6, SERVICES]
    started, loaded, stopped = (arguments for _, arguments in host.asked)
    assert [service["name"] for service in started["start"]] == ["tripod-fakedb-db25", "tripod-sync-w1"]
    assert stopped["observe"] == started["start"]
    assert (loaded["main_pid"], loaded["target"]) == (7, "http://10.0.0.2:8000")
    assert steps == {"start": {"h": STARTED}, "load": {"h": {"of": K6}}, "stop": {"h": {"of": SERVICES}}}


@pytest.mark.parametrize("wrong", [{"failed": True}, {"unreachable": True}])
def test_without_a_sound_start_there_is_no_load_but_a_stop(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """k6 does not run, and what did start is stopped."""
    host = Host(**wrong)
    steps = conduct(TRIAL, HERE, host.ask, Meeting(tmp_path, "h", ["h"], 0))
    assert [module for module, _ in host.asked] == [SERVICES, SERVICES]
    assert steps["load"] == {"h": {}}


def test_a_trial_is_told_with_its_cell_and_not_the_plan() -> None:
    """A trial has its place in the order and its own cell."""
    assert (TRIAL.number, TRIAL.of, TRIAL.cell["cell"]) == (2, 2, "sync-w1-db25")
    assert not hasattr(TRIAL, "cells")


def test_no_warm_up_no_process() -> None:
    """Without a warm-up there is one k6 process, else two, warm-up first, each with its own summary."""
    files = [phase["environment"]["TRIPOD_SUMMARY"] for phase in load(TRIAL, HERE, 7)["phases"]]
    directory = "/opt/tripod/runs/a-run/sync-w1-db25-r1"
    assert files == [f"{directory}/warmup.json", f"{directory}/k6.json"]
    without = Trial(
        **trials(PLAN | {"cells": [_without_warmup(), CELL | {"cell": "other"}]}, ENDPOINTS, {})[1]
    )
    assert [phase["name"] for phase in load(without, HERE, 7)["phases"]] == ["measure"]


def _without_warmup() -> dict[str, Any]:
    return CELL | {"load": {"script": "poc", "vus": 10, "duration_s": 5.0, "warmup_s": 0}}
