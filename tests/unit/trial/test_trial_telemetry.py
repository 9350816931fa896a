"""What hosts sampled in a trial, as it comes into the record."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils.tripod.telemetry import packing
from trial_cell import TRIAL as UNSAMPLED

from tripod.runs.documents import problem_of
from tripod.runs.formats.declaration import keys_of
from tripod.runs.formats.record import Activity as DeclaredActivity
from tripod.runs.formats.record import ServiceActivity as DeclaredServiceActivity
from tripod.stats.activity import Activity, ServiceActivity
from tripod.trial.record import record
from tripod.trial.telemetry import telemetry

S = 1_000_000
WALL = 1_700_000_000 * S
# The app host's clock is 2 s ahead of the load host's.
TRIAL = dataclasses.replace(UNSAMPLED, sampled=True, clocks={"a": {"offset_s": 2.0, "error_s": 0.25}})
MEASURED = {
    "metrics": {"tripod_started_ms": {"values": {"value": 0, "min": (WALL + 102 * S) / 1000, "max": 0}}}
}


def series(leg: str, ahead_s: int = 0, seconds: int = 10) -> str:
    """Return the samples of a host whose counters rise by one a second, and whose wall clock is ahead."""
    rows: list[list[Any]] = [["trial", TRIAL.name, ["tcp_opened"]]]
    for second in range(seconds + 1):
        time_us = (100 + second) * S
        used = {
            "cpu_us": second * S,
            "memory_bytes": 10,
            "processes": 1,
            "threads": 1,
            "of": {"7": second * S},
        }
        rows.append(["host", time_us, WALL + time_us + ahead_s * S, 1000 * second, [second]])
        rows.append(["service", time_us, leg, used])
    return packing.packed(rows)


def steps(**stops: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the steps of a trial in which these hosts told what they had sampled."""
    used = {"user_s": 1.0, "system_s": 0.5, "memory_peak_bytes": 999}
    app = {"services": {"tripod-sync-w1": {"main_pid": 7, "state": "running"}}}
    return {
        "start": {"l": {"telemetry": {"started": True, "lost": None}}, "a": dict(app), "d": {}},
        "load": {"l": {"k6": {"used": used}}},
        "stop": {"l": {}, "a": dict(app), "d": {}}
        | {host: {"telemetry": told} | (app if host == "a" else {}) for host, told in stops.items()},
    }


def told(packed: str, lost: str | None = None) -> dict[str, Any]:
    """Return what a stop says of telemetry."""
    return {"series": packed, "lost": lost}


def test_each_host_is_cut_to_the_window_by_its_own_clock() -> None:
    """The window began at 102 s of the load host's clock, which is 104 s of one that is 2 s ahead."""
    found = telemetry(TRIAL, steps(l=told(series("load")), a=told(series("app", 2))), MEASURED)
    assert found
    load, app = found["l"]["activity"], found["a"]["activity"]
    for activity in (load, app):
        assert (activity["seconds"], activity["connections_opened"]) == (5.0, 5)
    assert app["services"]["app"]["pids_before"] == (7,)
    assert (found["a"]["clock_offset_s"], found["a"]["clock_error_s"]) == (2.0, 0.25)
    assert app["edge_error_s"] == load["edge_error_s"] + 0.25
    assert (found["l"]["began_anew"], found["a"]["began_anew"]) == (True, False)
    assert found["l"]["sampler_cpu_share"] == pytest.approx(0.001)


def test_what_others_tell_of_a_service_is_added() -> None:
    """The kernel saw k6's peak; a main PID that is the same at the end was never restarted."""
    found = telemetry(TRIAL, steps(l=told(series("load")), a=told(series("app", 2))), MEASURED)
    assert found
    assert found["l"]["activity"]["services"]["load"]["memory_peak_bytes"] == 999
    assert found["a"]["activity"]["services"]["app"]["restarts"] == 0


@pytest.mark.parametrize(
    ("said", "measured", "why"),
    [
        ({"l": {"series": None, "lost": "the sampler had died"}}, MEASURED, "the sampler had died"),
        ({}, MEASURED, "the host did not tell what was sampled"),
        ({"l": told("?")}, MEASURED, "the samples cannot be read"),
        ({"l": told(series("load"))}, None, "k6 does not say when it began"),
        ({"l": told(series("load", seconds=3))}, MEASURED, "sampling ended before the window did"),
        ({"l": told(series("load", seconds=3), "the sampler had died")}, MEASURED, "the sampler had died"),
    ],
)
def test_what_is_lost_says_why(said: dict[str, Any], measured: dict[str, Any] | None, why: str) -> None:
    """There is no activity, and no zero; what was sampled is kept, and other hosts have theirs."""
    found = telemetry(TRIAL, steps(a=told(series("app", 2)), **said), measured)
    assert found
    assert found["l"]["activity"] is None
    assert why in found["l"]["lost"]
    assert found["l"]["series"] == said.get("l", {}).get("series")
    assert (found["a"]["activity"] is None) is (measured is None)


@pytest.mark.parametrize(
    "content",
    [
        {"host": {"monotonic_us": [1, 1], "wall_us": [1]}, "services": {}},
        {"host": {"monotonic_us": [1]}, "services": {}},
        {"host": {"monotonic_us": [1, 0], "wall_us": [WALL + 103 * S], "sampler_cpu_us": []}, "services": {}},
        {"host": {"monotonic_us": [1], "wall_us": [WALL], "sampler_cpu_us": [0]}, "services": []},
    ],
)
def test_a_series_with_columns_that_are_short_or_missing(content: dict[str, Any]) -> None:
    """Whatever a host sent, the trial has its record, which says that it cannot be read."""
    packed = base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()
    found = telemetry(TRIAL, steps(l=told(packed), a=told(series("app", 2))), MEASURED)
    assert found
    assert found["l"]["activity"] is None
    assert found["l"]["lost"]
    assert found["a"]["activity"]


def test_a_host_whose_clock_nobody_knows_is_not_cut() -> None:
    """Its samples are kept, and it is said what is missing."""
    found = telemetry(TRIAL, steps(d=told(series("db"))), MEASURED)
    assert found
    assert found["d"]["activity"] is None
    assert found["d"]["lost"] == "how far its clock is from the load host's is not known"
    assert found["d"]["clock_offset_s"] is None


def test_a_trial_without_telemetry() -> None:
    """The record says null, and no reason is made up."""
    assert telemetry(dataclasses.replace(TRIAL, sampled=False), steps(), MEASURED) is None


def test_the_record_is_as_declared() -> None:
    """It passes the reader's check, whole and with what is lost; losing telemetry fails no trial."""
    summary = json.dumps(MEASURED | {"state": {"testRunDurationMs": 5000}}).encode()
    said = steps(l=told(series("load")), a={"series": None, "lost": "the sampler had died"})
    said["load"]["l"] = {
        "k6": {"version": "k6", "exit_code": 0, "command": [], "log_tail": []} | said["load"]["l"]["k6"],
        "summaries": {"measure": base64.b64encode(gzip.compress(summary)).decode()},
    }
    made = json.loads(json.dumps(record(TRIAL, said)))
    assert problem_of(made, "record") is None
    assert made["status"] == "ok"
    assert made["telemetry"]["l"]["activity"]["services"]["load"]["process_cpu_s"] == {"7": 5.0}


@pytest.mark.parametrize(
    ("declared", "kept"), [(DeclaredActivity, Activity), (DeclaredServiceActivity, ServiceActivity)]
)
def test_the_file_has_every_field(declared: Any, kept: Any) -> None:
    """What rules read is declared in the record's format, field for field."""
    names = [name for name in keys_of(declared) if "." not in name]
    assert names == [field.name for field in dataclasses.fields(kept)]
