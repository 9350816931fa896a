"""The order of a trial's steps, on one host and on several, and what each host is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.tripod import probes
from ansible.module_utils.tripod.capacity import Terms
from trial_cell import CELL

from tripod.trial.conduct import conduct
from tripod.trial.meeting import Meeting
from tripod.trial.steps import K6, SERVICES, may_be_taken_again
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


def test_a_load_host_has_its_lease_taken_again(tmp_path: Path) -> None:
    """Though it starts no service: its k6 would run in no later trial."""
    host = Host()
    conduct(TRIAL, dataclasses.replace(HERE, legs=("load",)), host.ask, Meeting(tmp_path, "h", ["h"], 0))
    lost = {"failed": True, "failed_at": "lease"}
    started, loaded, stopped = (arguments for _, arguments in host.asked)
    assert started["start"] == stopped["observe"] == []
    again = [may_be_taken_again(lost, arguments) for arguments in (started, loaded, stopped)]
    assert again == [True, False, False]
    assert not may_be_taken_again({"failed": True, "failed_at": "port"}, started)


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


CAPACITY = CELL | {
    "requests_per_iteration": 3,
    "load": CELL["load"] | {"shape": "capacity", "model": "open", "slo_ms": 100},
}


def test_a_capacity_is_told_as_closed_phases_and_a_search() -> None:
    """Users warm up and saturate without a schedule; the search has an open probe, and what it must know."""
    trial = dataclasses.replace(TRIAL, cell=CAPACITY)
    told = load(trial, HERE, 7)
    assert [phase["name"] for phase in told["phases"]] == ["warmup", "saturate"]
    assert {phase["environment"]["TRIPOD_SHAPE"] for phase in told["phases"]} == {"constant-vus"}
    assert "TRIPOD_SLO_MS" not in told["phases"][0]["environment"]
    search = told["search"]
    assert search["probe"]["environment"]["TRIPOD_SHAPE"] == "constant-arrival-rate"
    assert search["probe"]["environment"]["TRIPOD_SLO_MS"] == "100"
    assert (search["duration_s"], search["requests_per_iteration"]) == (5.0, 3)
    assert Terms(**search["terms"]).lowest_rps == 17
    assert load(TRIAL, HERE, 7)["search"] is None


def test_probes_are_as_long_as_their_requests_take_and_what_confirms_is_a_measurement() -> None:
    """Rate, users, length and files follow from the rate; the limit of time from the length."""
    trial = dataclasses.replace(TRIAL, cell=CAPACITY)
    search = load(trial, HERE, 7)["search"]
    probe = probes.phase(search, 90, 3, confirms=False)
    assert probe["name"] == "probe-3"
    assert probe["environment"]["TRIPOD_DURATION_S"] == "11.112"
    assert probe["environment"]["TRIPOD_VUS"] == "30"
    assert probe["environment"]["TRIPOD_SUMMARY"].endswith("sync-w1-db25-r1/probe-3.json")
    assert probe["limit_s"] == pytest.approx(11.112 + search["beyond_s"])
    assert probes.phase(search, 5_000, 4, confirms=False)["environment"]["TRIPOD_DURATION_S"] == "2.000"
    measuring = probes.phase(search, 90, 4, confirms=True)
    assert (measuring["name"], measuring["environment"]["TRIPOD_DURATION_S"]) == ("measure", "5.000")
    assert measuring["environment"]["TRIPOD_SUMMARY"].endswith("/k6.json")


@pytest.mark.parametrize(
    ("within", "dropped", "missed"), [(999, 0, 0.003), (900, 4, 1 - 900 / 1014), (0, 0, 1)]
)
def test_what_came_of_a_rate(within: int, dropped: int, missed: float) -> None:
    """Dropped iterations were due, so all their requests missed; what k6 never counted is none."""
    trial = dataclasses.replace(TRIAL, cell=CAPACITY)
    search = load(trial, HERE, 7)["search"]
    counters = {"iterations": 334, "tripod_ok_requests_total": 1002, "tripod_within_slo": within}
    counters |= {"dropped_iterations": dropped} if dropped else {}
    summary = {"metrics": {name: {"values": {"count": value}} for name, value in counters.items()}}
    told = probes.outcome(search, probes.phase(search, 90, 1, confirms=False), summary)
    assert told["missed_share"] == pytest.approx(missed, abs=1e-4)
    assert (told["rate"], told["confirms"]) == (90, False)
