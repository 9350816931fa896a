"""The record of a trial, made of what its steps told on each host."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from tripod.runs.documents import problem_of
from tripod.trial import record as trial_record

TRIAL = {"trial": "sync-w1-db25-r1", "cell": "sync-w1-db25", "repeat": 1}
CELL = {
    "cell": "sync-w1-db25",
    "command": "gunicorn -w 1 sync_app:app",
    "database": "fakedb",
    "db_sleep_ms": 25,
    "service": "tripod-sync-w1",
    "db_service": "tripod-fakedb-db25",
    "load": {"script": "poc", "vus": 10, "duration_s": 5.0, "warmup_s": 2.0},
}
PLAN = {"cells": [CELL], "legs": {"load": ["l"], "app": ["a"], "db": ["d"]}}
TARGET = "http://198.18.0.12:8000"


def packed(requests: int) -> str:
    """Return a summary of k6 as it travels."""
    summary = {"metrics": {"tripod_ok_requests_total": {"values": {"count": requests}}}}
    return base64.b64encode(gzip.compress(json.dumps(summary).encode())).decode()


def steps(**changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the steps of a trial in which all went well; `start_a={…}` changes the app host's start."""
    told: dict[str, dict[str, Any]] = {
        "start": {
            "l": {"services": {}, "seconds": 0.1, "started_at": "2026-11-24T01:00:00.000+00:00"},
            "a": {"services": {"tripod-sync-w1": {"main_pid": 7, "state": "started"}}, "seconds": 0.2},
            "d": {"services": {"tripod-fakedb-db25": {"main_pid": 9, "ready": {"pid": 9}}}, "seconds": 0.5},
        },
        "load": {
            "l": {
                "ready": {"pid": 8, "ppid": 7},
                "seconds": {"ready": 0.3, "warmup": 2.0, "measure": 5.0},
                "summaries": {"warmup": packed(460), "measure": packed(1200)},
                "k6": {"version": "k6 v1.1.0", "exit_code": 0, "command": ["k6"], "log_tail": []},
            },
            "a": {"skipped": True},
            "d": {"skipped": True},
        },
        "stop": {
            "l": {"services": {}, "seconds": 0.1, "ended_at": "2026-11-24T01:00:09.000+00:00"},
            "a": {"services": {"tripod-sync-w1": {"state": "running", "log_tail": ["bye"]}}, "seconds": 0.4},
            "d": {"services": {"tripod-fakedb-db25": {"state": "running"}}, "seconds": 0.2},
        },
    }
    for name, change in changes.items():
        step, host = name.split("_")
        told[step][host] = told[step][host] | change
    return told


def record(**changes: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a trial with these changes."""
    return trial_record.record(TRIAL, PLAN, TARGET, steps(**changes))


def test_a_sound_trial() -> None:
    """The record of a sound trial fits its schema and holds every step's longest time."""
    made = record()
    assert problem_of(made, "record") is None
    assert (made["status"], made["reasons"], made["message"]) == ("ok", [], None)
    assert made["seconds"] == {"start": 0.5, "ready": 0.3, "warmup": 2.0, "measure": 5.0, "stop": 0.4}
    assert made["k6"]["warmup_requests"] == 460
    assert made["services"]["app"]["log_tail"] == ["bye"]


def failed_k6(exit_code: int) -> dict[str, Any]:
    """Return the load host's step when k6 ended with this code."""
    told = {"version": "k6 v1.1.0", "exit_code": exit_code, "command": ["k6"], "log_tail": ["first", "last"]}
    return {"failed": True, "msg": "k6 failed in the measure phase", "k6": told, "summaries": {}}


@pytest.mark.parametrize(
    ("exit_code", "reason", "said"),
    [
        (108, "app-gone", "nothing listened"),
        (107, "k6-failed", "the script threw"),
        (-9, "k6-failed", "killed by SIGKILL"),
        (0, "k6-failed", "wrote no summary"),
    ],
)
def test_what_k6_s_exit_means(exit_code: int, reason: str, said: str) -> None:
    """A failed k6 gives its reason code, the meaning of its exit code, and its last word."""
    made = record(load_l=failed_k6(exit_code))
    assert made["reasons"] == [reason]
    assert said in made["message"]
    assert "last" in made["message"]
    assert problem_of(made, "record") is None


def test_a_dead_service_comes_first() -> None:
    """A service found dead is the cause, what k6 saw of it the consequence."""
    dead = {"services": {"tripod-fakedb-db25": {"state": "dead", "log_tail": []}}}
    made = record(stop_d=dead, load_l=failed_k6(108))
    assert made["reasons"] == ["db-gone", "app-gone"]


def test_a_service_that_never_started_is_not_called_dead() -> None:
    """Where a start failed, that is the reason: the service did not die later."""
    start = {"failed": True, "reason": "port-taken", "msg": "taken by x", "services": {"tripod-sync-w1": {}}}
    stop = {"services": {"tripod-sync-w1": {"state": "dead", "log_tail": []}}}
    made = record(start_a=start, stop_a=stop, load_l={"skipped": True, "k6": None})
    assert made["reasons"] == ["port-taken"]
    assert "a: taken by x" in made["message"]
    assert made["k6"] is None


@pytest.mark.parametrize("step", ["start", "load", "stop"])
def test_an_unreachable_host(step: str) -> None:
    """A host that a step could not reach fails the trial as unreachable, with its name."""
    made = record(**{f"{step}_l": {"unreachable": True, "msg": "no route"}})
    assert made["reasons"] == ["unreachable"]
    assert "l: no route" in made["message"]


@pytest.mark.parametrize(("step", "reason"), [("start", "start-failed"), ("stop", "stop-failed")])
def test_a_module_that_broke(step: str, reason: str) -> None:
    """A step that failed without a reason of its own gets that of its step."""
    assert record(**{f"{step}_d": {"failed": True, "msg": "broke"}})["reasons"] == [reason]


def test_only_sound_results_let_the_next_step_run() -> None:
    """One failed or unreachable host is enough to leave k6 out."""
    assert trial_record.sound([{"changed": True}, {"skipped": True}])
    assert not trial_record.sound([{"changed": True}, {"failed": True}])
    assert not trial_record.sound([{"unreachable": True}, {"changed": True}])


def test_the_summary_is_k6_s_own() -> None:
    """The summary comes out byte for byte as k6 wrote it, or not at all."""
    load = {"summaries": {"measure": packed(3), "warmup": None}}
    assert trial_record.summary(load, "measure") == gzip.decompress(base64.b64decode(packed(3)))
    assert trial_record.summary(load, "warmup") is None
    assert trial_record.summary({}, "measure") is None


def test_no_warm_up_no_process() -> None:
    """Without a warm-up there is one k6 process, else two, warm-up first, each with its own summary."""
    without = CELL | {"load": CELL["load"] | {"warmup_s": 0}}
    names = [phase["name"] for phase in trial_record.k6_phases(without, "k6", "/root", "/d", TARGET)]
    assert names == ["measure"]
    both = trial_record.k6_phases(CELL, "k6", "/root", "/d", TARGET)
    assert [phase["environment"]["TRIPOD_SUMMARY"] for phase in both] == ["/d/warmup.json", "/d/k6.json"]
