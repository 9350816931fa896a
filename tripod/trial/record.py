"""A trial: what k6 is told to do in it, whether its steps were sound, and the record that is made of them."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tripod.catalogue import databases, k6
from tripod.trial.counted import counted

FORMAT = 1

# The reason of a step that failed without giving one: its module broke.
_REASON_OF_STEP = {"start": "start-failed", "load": "k6-failed", "stop": "stop-failed"}


def k6_phases(
    cell: Mapping[str, Any], binary: str, root: str, directory: str, target: str
) -> list[dict[str, Any]]:
    """Return the k6 processes of a trial, warm-up first: name, command, environment, length in seconds."""
    load = cell["load"]
    phases = []
    for name, seconds, summary in (
        ("warmup", load["warmup_s"], "warmup.json"),
        ("measure", load["duration_s"], "k6.json"),
    ):
        if seconds > 0:
            environment = k6.environment(
                target=target,
                workload=load["script"],
                vus=load["vus"],
                duration_s=seconds,
                summary=f"{directory}/{summary}",
            )
            command = k6.command(binary, f"{root}/k6/main.js")
            phases.append({"name": name, "command": command, "environment": environment, "seconds": seconds})
    return phases


def sound(results: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether every one of a trial's registered results so far says that its step went well."""
    return not any(result.get("unreachable") or result.get("failed") for result in results)


def problem(step: str, result: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return reason code and message of a step's registered result that is not sound."""
    if result.get("unreachable"):
        return "unreachable", str(result.get("msg", "the host could not be reached"))
    if not result.get("failed"):
        return None
    message = str(result.get("msg", "a step failed"))
    if step == "load" and result.get("k6"):
        return _k6_problem(result["k6"], message)
    return result.get("reason") or _REASON_OF_STEP[step], message


def _k6_problem(told: Mapping[str, Any], message: str) -> tuple[str, str]:
    """Return what k6's exit means; one that exited 0 wrote no summary."""
    code = told["exit_code"]
    meaning = k6.explain_exit(code) if code else "k6 exited with 0, but wrote no summary"
    last = f"; it said: {told['log_tail'][-1]}" if told["log_tail"] else ""
    return "app-gone" if code == k6.APP_GONE_EXIT else "k6-failed", f"{message}: {meaning}{last}"


def record(
    trial: Mapping[str, Any], plan: Mapping[str, Any], target: str, steps: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the content of record.json.

    Args:
        trial: the plan's entry.
        plan: the run's plan.
        target: URL that k6 sent its load to.
        steps: step name (`start`, `load`, `stop`) → host name → registered result.

    """
    cell = next(cell for cell in plan["cells"] if cell["cell"] == trial["cell"])
    failures = [*_dead(cell, plan, steps), *_failures(steps)]
    load = steps["load"].get(plan["legs"]["load"][0], {})
    return {
        "format": FORMAT,
        "trial": trial["trial"],
        "cell": trial["cell"],
        "repeat": trial["repeat"],
        "status": "failed" if failures else "ok",
        "reasons": list(dict.fromkeys(reason for reason, _ in failures)),
        "message": "; ".join(dict.fromkeys(message for _, message in failures)) or None,
        "started_at": _first(steps["start"], "started_at"),
        "ended_at": _first(steps["stop"], "ended_at"),
        "seconds": {
            "start": _longest(steps["start"]),
            "ready": load.get("seconds", {}).get("ready"),
            "warmup": load.get("seconds", {}).get("warmup"),
            "measure": load.get("seconds", {}).get("measure"),
            "stop": _longest(steps["stop"]),
        },
        "target": target,
        "services": {leg: _service(leg, cell, plan, steps) for leg in ("app", "db")},
        "k6": load["k6"] | {"warmup_requests": _warmup_requests(load)} if load.get("k6") else None,
        "database": counted(steps["stop"].get(plan["legs"]["db"][0], {}).get("database")),
    }


def summary(load: Mapping[str, Any], phase: str) -> bytes | None:
    """Return the summary of a phase (`warmup`, `measure`) as k6 wrote it; None if it wrote none.

    Args:
        load: the registered result of the load host's step, which carries summaries as gzip in base64.
        phase: which of its k6 processes.

    """
    packed = load.get("summaries", {}).get(phase)
    return gzip.decompress(base64.b64decode(packed)) if packed else None


def _warmup_requests(load: Mapping[str, Any]) -> int | None:
    """Return the successful requests of the warm-up, drain included; None without a warm-up."""
    written = summary(load, "warmup")
    if written is None:
        return None
    counted = json.loads(written)["metrics"].get(k6.OK_TOTAL, {})
    return int(counted.get("values", {}).get("count", 0))


def _failures(steps: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return reason code and message of everything that went wrong, in the order of the steps."""
    return [
        (bad[0], f"{host}: {bad[1]}")
        for name, results in steps.items()
        for host, result in results.items()
        if not result.get("skipped") and (bad := problem(name, result)) is not None
    ]


def _dead(
    cell: Mapping[str, Any], plan: Mapping[str, Any], steps: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """Return the services that had started, and were found dead when the trial's end stopped them."""
    dead = []
    for leg, name in (("app", cell["service"]), ("db", cell["db_service"])):
        started, stopped = (_seen(steps[step], plan["legs"][leg][0], name) for step in ("start", "stop"))
        if started.get("main_pid") and stopped.get("state") == "dead":
            dead.append((f"{leg}-gone", f"{name} was no longer running at the end of the trial"))
    return dead


def _seen(results: Mapping[str, Mapping[str, Any]], host: str, name: str) -> Mapping[str, Any]:
    """Return what a step saw of a service; empty if it saw nothing."""
    seen: Mapping[str, Any] = results.get(host, {}).get("services", {}).get(name, {})
    return seen


def _service(
    leg: str, cell: Mapping[str, Any], plan: Mapping[str, Any], steps: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    host = plan["legs"][leg][0]
    name = cell["service" if leg == "app" else "db_service"]
    started, stopped = (_seen(steps[step], host, name) for step in ("start", "stop"))
    load = steps["load"].get(plan["legs"]["load"][0], {})
    return {
        "host": host,
        "name": name,
        "command": (
            cell["command"] if leg == "app" else databases.command(cell["database"], cell["db_sleep_ms"])
        ),
        "main_pid": started.get("main_pid"),
        "ready": load.get("ready") if leg == "app" else started.get("ready"),
        "log_tail": stopped.get("log_tail") or started.get("log_tail") or [],
    }


def _first(results: Mapping[str, Mapping[str, Any]], key: str) -> str | None:
    return next((str(result[key]) for result in results.values() if result.get(key)), None)


def _longest(results: Mapping[str, Mapping[str, Any]]) -> float | None:
    return max((float(result["seconds"]) for result in results.values() if "seconds" in result), default=None)
