"""record.json: everything about one trial but k6's own summaries, and those as they travelled."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from tripod.catalogue import databases, k6
from tripod.catalogue.formats import VERSIONS
from tripod.stats.series import SeriesError
from tripod.trial.counted import counted
from tripod.trial.skew import start_skew
from tripod.trial.steps import LOAD, START, STOP, Results, Steps, failures
from tripod.trial.summaries import k6_summary
from tripod.trial.telemetry import Begin, begin_of, telemetry
from tripod.trial.told import SERVICE_OF, Trial
from tripod.verdicts import failures as codes

_GONE = {"app": codes.APP_GONE, "db": codes.DB_GONE}


def record(trial: Trial, steps: Steps) -> dict[str, Any]:
    """Return the content of record.json."""
    # What a lost lease makes of services and k6 comes after it.
    wrong = sorted(
        [*_dead(trial, steps), *_astray(trial, steps), *failures(steps)],
        key=lambda bad: bad[0] != codes.LEASE_LOST.code,
    )
    loads = [steps[LOAD].get(host, {}) for host in trial.legs["load"]]
    summed = [_k6_summaries(said) for said in loads]
    (db_host,) = trial.legs["db"]
    measured = summed[0].get("measure") if summed else None
    return {
        "format": VERSIONS["record"],
        "trial": trial.name,
        "cell": trial.cell["cell"],
        "repeat": trial.repeat,
        "status": "failed" if wrong else "ok",
        "reasons": list(dict.fromkeys(code for code, _ in wrong)),
        "message": "; ".join(dict.fromkeys(message for _, message in wrong)) or None,
        "started_at": _first(steps[START], "started_at"),
        "ended_at": _first(steps[STOP], "ended_at"),
        "seconds": {
            "start": _longest(steps[START].values()),
            **{phase: _longest_phase(loads, phase) for phase in ("ready", "warmup", "measure")},
            "warmup_drain": _drain(summed, "warmup", trial.cell["load"]["warmup_s"]),
            "drain": _drain(summed, "measure", trial.cell["load"]["duration_s"]),
            "stop": _longest(steps[STOP].values()),
            "slept": _longest_phase(loads, "slept"),
        },
        "target": trial.target,
        "services": {leg: _service(leg, trial, steps) for leg in SERVICE_OF},
        "k6": [
            {"host": host, **said["k6"], "warmup_requests": _requests_before(said, summaries.get("warmup"))}
            for host, said, summaries in zip(trial.legs["load"], loads, summed, strict=True)
            if said.get("k6")
        ],
        "start_skew": start_skew(trial, steps, [known.get("measure") for known in summed]),
        "capacity": next((said["capacity"] for said in loads if said.get("capacity")), None),
        "calibration": _calibration(steps),
        **counted(
            trial.cell["database"],
            steps[STOP].get(db_host, {}).get("database"),
            _begun(db_host, trial, measured),
            trial.cell["load"]["duration_s"],
        ),
        "telemetry": telemetry(trial, steps, measured),
    }


def _begun(host: str, trial: Trial, measured: Mapping[str, Any] | None) -> Begin | None:
    """Return when the measured window began by a host's clock; None if that is not known."""
    try:
        return begin_of(host, trial, measured)
    except SeriesError:
        return None


def _k6_summaries(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return phase → what k6 summed up of it, for the phases in which it wrote something."""
    phases = said.get("summaries", {})
    return {phase: json.loads(text) for phase in phases if (text := k6_summary(said, phase)) is not None}


def _requests_before(said: Mapping[str, Any], warmup: Mapping[str, Any] | None) -> int | None:
    """Return the successful requests before the measurement: of the warm-up, and of a search."""
    looked = said.get("capacity")
    if not looked:
        return _requests(warmup)
    probes = looked["probes"][:-1] if looked["rate"] else looked["probes"]
    before = looked["saturated_ok_requests"] + sum(one["ok_requests"] for one in probes)
    return (_requests(warmup) or 0) + int(before)


def _calibration(steps: Steps) -> dict[str, dict[str, float | None]]:
    """Return host → how long the fixed work took before its services started and after they had stopped."""
    before, after = (
        {host: said.get("calibration_s") for host, said in steps[step].items()} for step in (START, STOP)
    )
    return {host: {"before_s": before[host], "after_s": after.get(host)} for host in before}


def _requests(summary: Mapping[str, Any] | None) -> int | None:
    """Return the successful requests that k6 counted in a phase, drain included; None without the phase."""
    if summary is None:
        return None
    total = summary["metrics"].get(k6.OK_TOTAL, {})
    return int(total.get("values", {}).get("count", 0))


def _dead(trial: Trial, steps: Steps) -> list[tuple[str, str]]:
    """Return the services that had started, and were found dead when the trial's end stopped them."""
    dead = []
    for leg, key in SERVICE_OF.items():
        (host,), name = trial.legs[leg], trial.cell[key]
        started, stopped = (_seen(steps[step], host, name) for step in (START, STOP))
        if started.get("main_pid") and stopped.get("state") == "dead":
            dead.append((_GONE[leg].code, f"{name} was no longer running at the end of the trial"))
    return dead


def _astray(trial: Trial, steps: Steps) -> list[tuple[str, str]]:
    """Return the services that listened on anything but their own address and port."""
    astray = []
    for leg, key in SERVICE_OF.items():
        (host,), name, end = trial.legs[leg], trial.cell[key], trial.endpoints[leg]
        allowed = _place(end["address"], end["port"])
        places = [_place(*place) for place in _seen(steps[STOP], host, name).get("listens", [])]
        if strange := [place for place in places if place != allowed]:
            message = f"{host}: {name} listens on {', '.join(strange)}; allowed: {allowed} and nothing else"
            astray.append((codes.LISTENS_ELSEWHERE.code, message))
    return astray


def _place(address: str, port: int | str) -> str:
    """Return an address and a port in the one form in which they can be compared."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return f"{found.ipv4_mapped}:{port}" if found.ipv4_mapped else f"[{found}]:{port}"
    return f"{found}:{port}"


def _seen(results: Results, host: str, name: str) -> Mapping[str, Any]:
    """Return what a step saw of a service; empty if it saw nothing."""
    seen: Mapping[str, Any] = results.get(host, {}).get("services", {}).get(name, {})
    return seen


def _service(leg: str, trial: Trial, steps: Steps) -> dict[str, Any]:
    (host,), name, cell = trial.legs[leg], trial.cell[SERVICE_OF[leg]], trial.cell
    started, stopped = (_seen(steps[step], host, name) for step in (START, STOP))
    answers = (steps[LOAD].get(load_host, {}).get("ready") for load_host in trial.legs["load"])
    return {
        "host": host,
        "name": name,
        "command": (
            cell["command"] if leg == "app" else databases.command(cell["database"], cell["db_sleep_ms"])
        ),
        "main_pid": started.get("main_pid"),
        "ready": next(filter(None, answers), None) if leg == "app" else started.get("ready"),
        "log_tail": stopped.get("log_tail") or started.get("log_tail") or [],
    }


def _first(results: Results, key: str) -> str | None:
    return next((str(result[key]) for result in results.values() if result.get(key)), None)


def _longest(results: Any) -> float | None:
    return max((float(result["seconds"]) for result in results if "seconds" in result), default=None)


def _longest_phase(loads: list[Mapping[str, Any]], phase: str) -> float | None:
    """Return the longest time that a phase took on a load host; None where none reached it."""
    known = [said.get("seconds", {}).get(phase) for said in loads]
    return max((seconds for seconds in known if seconds is not None), default=None)


def _ran_ms(summary: Mapping[str, Any]) -> float:
    """Return how long a k6 offered load, without what it had waited before for the agreed time."""
    waited_ms = summary["metrics"].get(k6.WAITED, {}).get("values", {}).get("max", 0.0)
    return float(summary["state"]["testRunDurationMs"]) - float(waited_ms)


def _drain(summed: list[dict[str, Any]], phase: str, length_s: float) -> float | None:
    """Return the longest time that a phase ran on beyond its length; None where no k6 summed it up."""
    ran_s = [_ran_ms(known[phase]) / 1000 for known in summed if phase in known]
    return round(max(max(ran_s) - length_s, 0.0), 3) if ran_s else None
