"""The record of a trial, made of what its steps told on each host."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
from typing import Any

import pytest
from trial_cell import TRIAL

from tripod.runs.documents import problem_of
from tripod.trial.record import record as made_of
from tripod.trial.summaries import k6_summary


def packed(requests: int, seconds: float = 2.0) -> str:
    """Return a summary of k6 as it travels."""
    summary = {
        "metrics": {"tripod_ok_requests_total": {"values": {"count": requests}}},
        "state": {"testRunDurationMs": 1000 * seconds},
    }
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
                "seconds": {"ready": 0.3, "warmup": 2.3, "measure": 12.1, "slept": 0.0},
                "summaries": {"warmup": packed(460, 1.9), "measure": packed(1200, 11.75)},
                "k6": {"version": "k6 v1.1.0", "exit_code": 0, "command": ["k6"], "log_tail": []},
            },
            "a": {},
            "d": {},
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
    return made_of(TRIAL, steps(**changes))


def test_a_sound_trial() -> None:
    """The record of a sound trial fits its schema and holds every step's longest time."""
    made = record()
    assert problem_of(made, "record") is None
    assert (made["status"], made["reasons"], made["message"]) == ("ok", [], None)
    assert made["seconds"] == {
        "start": 0.5,
        "ready": 0.3,
        "warmup": 2.3,
        "measure": 12.1,
        "warmup_drain": 0.0,
        "drain": 6.75,
        "stop": 0.4,
        "slept": 0.0,
    }
    assert [(k6["host"], k6["warmup_requests"]) for k6 in made["k6"]] == [("l", 460)]
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
    start = {"failed": True, "failed_at": "port", "msg": "taken by x", "services": {"tripod-sync-w1": {}}}
    stop = {"services": {"tripod-sync-w1": {"state": "dead", "log_tail": []}}}
    made = record(start_a=start, stop_a=stop, load_l={"k6": None})
    assert made["reasons"] == ["port-taken"]
    assert "a: taken by x" in made["message"]
    assert made["k6"] == []


@pytest.mark.parametrize(
    ("listens", "strange"),
    [
        ([["198.18.0.12", 8000]], None),
        ([["::ffff:198.18.0.12", 8000]], None),
        ([], None),
        ([["0.0.0.0", 8000]], "0.0.0.0:8000"),
        ([["0.0.0.0", 7777]], "0.0.0.0:7777"),
        ([["::", 8000]], "[::]:8000"),
        ([["127.0.0.1", 9090], ["198.18.0.12", 8000]], "127.0.0.1:9090"),
    ],
)
def test_where_a_service_listened(listens: list[list[object]], strange: str | None) -> None:
    """A trial whose service listened anywhere but on its own place has failed, whatever was measured."""
    state = {"state": "running", "log_tail": [], "listens": listens}
    made = record(stop_a={"services": {"tripod-sync-w1": state}})
    assert problem_of(made, "record") is None
    assert made["reasons"] == (["listens-elsewhere"] if strange else [])
    told = f"a: tripod-sync-w1 listens on {strange}; allowed: 198.18.0.12:8000 and nothing else"
    assert made["message"] == (told if strange else None)


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


def test_the_summary_is_k6_s_own() -> None:
    """The summary comes out byte for byte as k6 wrote it, or not at all."""
    load = {"summaries": {"measure": packed(3), "warmup": None}}
    assert k6_summary(load, "measure") == gzip.decompress(base64.b64decode(packed(3)))
    assert k6_summary(load, "warmup") is None
    assert k6_summary({}, "measure") is None


def test_several_load_hosts() -> None:
    """Each load host's k6 stands in the record by its host, and a phase took as long as the slowest."""
    told = steps()
    told["load"]["m"] = told["load"]["l"] | {
        "seconds": {"ready": 0.1, "warmup": 2.5, "measure": 5.0},
        "summaries": {"warmup": packed(40, 2.4), "measure": packed(100, 5.0)},
    }
    both = dataclasses.replace(TRIAL, legs=TRIAL.legs | {"load": ("l", "m")})
    made = made_of(both, told)
    assert problem_of(made, "record") is None
    assert [(k6["host"], k6["warmup_requests"]) for k6 in made["k6"]] == [("l", 460), ("m", 40)]
    assert (made["seconds"]["warmup"], made["seconds"]["warmup_drain"]) == (2.5, 0.4)
    assert made["seconds"]["drain"] == 6.75


PROBE = {
    "rate": 90,
    "vus": 30,
    "seconds": 11.112,
    "scheduled": 1002,
    "within": 1000,
    "dropped_iterations": 0,
    "ok_requests": 1002,
    "missed_share": 0.002,
    "confirms": False,
}
SEARCHED = {
    "saturated_rps": 120.0,
    "saturated_ok_requests": 370,
    "rate": 90,
    "probes": [PROBE, PROBE | {"confirms": True, "seconds": 5.0, "ok_requests": 450}],
    "seconds": 15.0,
}


def test_a_search_for_a_capacity_stands_in_the_record() -> None:
    """With every probe; their requests count as those before the measurement, which is the last of them."""
    made = record(load_l={"capacity": SEARCHED})
    assert problem_of(made, "record") is None
    assert made["capacity"] == SEARCHED
    assert [k6["warmup_requests"] for k6 in made["k6"]] == [460 + 370 + 1002]
    assert record()["capacity"] is None


def test_a_search_that_finds_nothing_is_a_failure_of_its_own() -> None:
    """Its code is no-capacity, though k6 ended well; all probes came before a measurement that never was."""
    k6 = {"version": "k6 v1.1.0", "exit_code": 0, "command": ["k6"], "log_tail": []}
    nothing = SEARCHED | {"rate": None, "probes": [PROBE]}
    failed = {"failed": True, "failed_at": "capacity", "msg": "no rate", "k6": k6, "capacity": nothing}
    made = record(load_l=failed)
    assert (made["status"], made["reasons"]) == ("failed", ["no-capacity"])
    assert "no rate" in made["message"]
    assert [told["warmup_requests"] for told in made["k6"]] == [460 + 370 + 1002]


def test_what_the_fixed_work_took_stands_under_its_host() -> None:
    """A host that did not come to a calibration says null, and not nothing."""
    made = record(start_a={"calibration_s": 0.0006}, stop_a={"calibration_s": 0.0007})
    assert made["calibration"]["a"] == {"before_s": 0.0006, "after_s": 0.0007}
    assert made["calibration"]["d"] == {"before_s": None, "after_s": None}
    assert problem_of(made, "record") is None
