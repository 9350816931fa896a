"""Several load hosts of a trial: they begin at one time, and end together."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from trial_cell import TRIAL as ALONE

from tripod.trial.conduct import conduct
from tripod.trial.meeting import Meeting
from tripod.trial.record import record
from tripod.trial.steps import K6, K6_END, SERVICES, Steps
from tripod.trial.together import agreed, joined
from tripod.trial.told import Here

HOSTS = {"l": ("load",), "m": ("load",), "a": ("app",), "d": ("db",)}
# The second load host's clock is 30 s ahead of the first one's.
TRIAL = dataclasses.replace(
    ALONE, legs=ALONE.legs | {"load": ("l", "m")}, clocks={"m": {"offset_s": 30.0, "error_s": 0.001}}
)
PROVED = {"ready": {"pid": 7}, "k6_version": "k6 v1.1.0"}
DEADLINE_S = 20


def packed(ran_ms: float, **gauges: float) -> str:
    """Return a summary of k6 as it travels."""
    metrics = {f"tripod_{name}": {"values": {"min": value, "max": value}} for name, value in gauges.items()}
    summary = {"metrics": metrics, "state": {"testRunDurationMs": ran_ms}}
    return base64.b64encode(gzip.compress(json.dumps(summary).encode())).decode()


class Host:
    """A host that does what it is asked in no time, unless told otherwise, and keeps what that was."""

    def __init__(self, name: str, measure: Callable[[Host], Mapping[str, Any]] | None = None) -> None:
        """Take a name, and what comes of a measurement."""
        self.name = name
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.ended = threading.Event()
        self._measure = measure

    def ask(self, module: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        """Answer as the module does."""
        self.asked.append((module, arguments))
        if module == K6_END:
            self.ended.set()
            return {}
        if module == SERVICES:
            return {"services": {"tripod-sync-w1": {"main_pid": 7}}} if "app" in HOSTS[self.name] else {}
        if "k6_version" not in arguments:
            ahead_s = 30.0 if self.name == "m" else 0.0
            seconds = {"ready": 0.1, "warmup": 2.4, "measure": None, "slept": 0.0}
            summaries = {"warmup": packed(2100.0)}
            return PROVED | {"clock_s": time.time() + ahead_s, "seconds": seconds, "summaries": summaries}
        return self._measure(self) if self._measure else {"seconds": {"measure": 5.4, "slept": 1.0}}

    def told(self) -> dict[str, Any]:
        """Return what it was told for its measurement."""
        (arguments,) = [told for module, told in self.asked if module == K6 and "k6_version" in told]
        return arguments


def conducted(hosts: dict[str, Host], directory: Path) -> dict[str, Steps]:
    """Conduct a trial on these hosts, each in a thread of its own; return what each heard of the steps."""

    def one(name: str) -> Steps:
        here = Here(name, HOSTS[name], "/opt/tripod", "systemd", "a-lease", "/opt/k6")
        return conduct(TRIAL, here, hosts[name].ask, Meeting(directory, name, list(HOSTS), DEADLINE_S))

    with ThreadPoolExecutor(len(hosts)) as pool:
        running = {name: pool.submit(one, name) for name in hosts}
        return {name: future.result(DEADLINE_S) for name, future in running.items()}


def test_all_begin_at_one_time_each_by_its_own_clock(tmp_path: Path) -> None:
    """Each warms up its half, then all measure from one time on, that is yet to come; all hear the same."""
    hosts = {name: Host(name) for name in HOSTS}
    heard = conducted(hosts, tmp_path)
    assert len({json.dumps(steps, sort_keys=True) for steps in heard.values()}) == 1
    for name in ("l", "m"):
        assert [module for module, _ in hosts[name].asked] == [SERVICES, K6, K6, SERVICES]
    starts_ms, commands = {}, {}
    for name in ("l", "m"):
        (phase,) = hosts[name].told()["phases"]
        starts_ms[name] = int(phase["environment"]["TRIPOD_START_AT_MS"])
        commands[name] = phase["command"]
        assert phase["environment"]["TRIPOD_VUS"] == "10"  # of all; k6 takes its part
        assert phase["environment"]["TRIPOD_SUMMARY"].endswith(f"/k6.{name}.json")
        assert phase["log"] == f"measure.{name}.log"
        (warmup,) = hosts[name].asked[1][1]["phases"]
        assert (warmup["name"], "TRIPOD_START_AT_MS" in warmup["environment"]) == ("warmup", False)
        assert warmup["command"] == phase["command"]
    assert starts_ms["m"] - starts_ms["l"] == pytest.approx(30_000, abs=1)
    assert 0 < starts_ms["l"] / 1000 - time.time() < 3
    assert "--execution-segment=0:1/2" in commands["l"]
    assert "--execution-segment=1/2:1" in commands["m"]
    assert {"--execution-segment-sequence=0,1/2,1"} < set(commands["l"]) & set(commands["m"])
    loaded = heard["a"]["load"]["l"]
    assert loaded["seconds"] == {"ready": 0.1, "warmup": 2.4, "measure": 5.4, "slept": 1.0}
    assert (loaded["ready"], list(loaded["summaries"])) == ({"pid": 7}, ["warmup"])


def test_the_time_is_far_enough_away_for_the_slowest() -> None:
    """It took 1 s to be asked, and 6 s to start k6, and gets a third more; without a warm-up users tell."""

    def said(starting_s: float, heard_s: float) -> dict[str, Any]:
        seconds = {"ready": 0.5, "warmup": 2.0 + starting_s}
        return {
            "clock_s": 1000.0,
            "asked_s": heard_s - 1.0 - 0.5 - 2.0 - starting_s,
            "heard_s": heard_s,
            "k6_version": "k6",
            "seconds": seconds,
            "summaries": {"warmup": packed(2000.0)},
        }

    warmed = {"l": said(0.25, 50.0), "m": said(6.0, 52.5), "a": {"heard_s": 50.1}, "d": {"heard_s": 50.1}}
    starts = agreed(TRIAL, warmed)
    assert starts["l"].at_s == pytest.approx(1000.0 + 2.5 + 0.2 + 1.33 * (1.0 + 6.0))
    assert starts["m"].at_s == pytest.approx(starts["l"].at_s + 30.0)
    for one in ("l", "m"):
        warmed[one] |= {"summaries": {}, "asked_s": warmed[one]["heard_s"] - 1.5, "seconds": {"ready": 0.5}}
    load = TRIAL.cell["load"] | {"vus": 1000}  # type: ignore[operator]
    many = dataclasses.replace(TRIAL, cell=TRIAL.cell | {"load": load})  # type: ignore[operator]
    assert agreed(many, warmed)["l"].lead_s == pytest.approx(0.2 + 1.33 * (1.0 + 500 * 0.015))


FAILED = {"failed": True, "msg": "k6 failed in the measure phase"}
GONE = {"unreachable": True, "msg": "no route to host"}


@pytest.mark.parametrize(("wrong", "code"), [(FAILED, "k6-failed"), (GONE, "unreachable")])
def test_one_that_cannot_go_on_ends_all_at_once(tmp_path: Path, wrong: dict[str, Any], code: str) -> None:
    """The other one's k6 is ended while it measures; the record has the one reason, and both are stopped."""

    def measures(host: Host) -> Mapping[str, Any]:
        assert host.ended.wait(DEADLINE_S)
        return {"failed": True, "failed_at": "ended", "msg": "ended, as another load host could not go on"}

    hosts = {name: Host(name) for name in HOSTS} | {"l": Host("l", measures), "m": Host("m", lambda _: wrong)}
    heard = conducted(hosts, tmp_path)
    end = {"root": "/opt/tripod", "lease": "a-lease", "trial": TRIAL.name}
    assert (K6_END, end) in hosts["l"].asked
    assert K6_END not in [module for module, _ in hosts["m"].asked]
    for host in hosts.values():
        assert host.asked[-1][0] == SERVICES
        assert "observe" in host.asked[-1][1]
    made = record(TRIAL, heard["l"])
    assert (made["status"], made["reasons"]) == ("failed", [code])
    assert made["message"].startswith("m: ")


def test_a_warm_up_that_fails_is_the_last_thing(tmp_path: Path) -> None:
    """Nobody measures then."""

    class Bad(Host):
        def ask(self, module: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
            said = super().ask(module, arguments)
            return {"failed": True, "failed_at": "ready", "msg": "no answer"} if module == K6 else said

    hosts = {name: Host(name) for name in HOSTS} | {"m": Bad("m")}
    heard = conducted(hosts, tmp_path)
    for name in ("l", "m"):
        assert [module for module, _ in hosts[name].asked if module == K6] == [K6]
    assert record(TRIAL, heard["d"])["reasons"] == ["not-ready"]


def test_two_results_of_a_host_become_one() -> None:
    """What the second says of k6 holds; where it did not come so far, what the first said."""
    first = {
        "k6": {"exit_code": 0},
        "ready": {"pid": 1},
        "seconds": {"warmup": 2.0},
        "summaries": {"warmup": "w"},
    }
    then = {
        "k6": {"exit_code": 107},
        "ready": None,
        "seconds": {"measure": 1.0},
        "summaries": {"measure": None},
    }
    found = joined(first, then)
    assert found["k6"]["exit_code"] == 107
    assert (found["ready"], found["seconds"]) == ({"pid": 1}, {"warmup": 2.0, "measure": 1.0})
    assert joined(first, GONE)["k6"] == {"exit_code": 0}
    assert joined(first, GONE)["unreachable"]


def test_the_record_tells_how_far_apart_they_began(tmp_path: Path) -> None:
    """The second one, whose clock is ahead, began 40 ms after the first; how long k6 waited is no drain."""

    def began(host: Host) -> Mapping[str, Any]:
        agreed_ms = float(host.told()["phases"][0]["environment"]["TRIPOD_START_AT_MS"])
        late_ms = 42.0 if host.name == "m" else 2.0
        measured = packed(7300.0, started_ms=agreed_ms + late_ms, waited_ms=2000.0)
        return {"seconds": {"measure": 7.5}, "summaries": {"measure": measured}, "k6": {}}

    heard = conducted({name: Host(name, began) for name in HOSTS}, tmp_path)
    made = record(TRIAL, heard["l"])
    assert made["start_skew"]["skew_s"] == pytest.approx(0.040, abs=0.0011)
    assert made["start_skew"]["error_s"] == 0.001
    assert made["start_skew"]["hosts"]["m"]["late_s"] == pytest.approx(0.042, abs=0.0011)
    assert made["start_skew"]["hosts"]["m"]["clock_offset_s"] == 30.0
    assert made["seconds"]["drain"] == pytest.approx(0.3)
    unknown = record(dataclasses.replace(TRIAL, clocks={}), heard["l"])["start_skew"]
    assert (unknown["skew_s"], unknown["error_s"]) == (None, None)
    assert record(ALONE, heard["l"])["start_skew"] is None
