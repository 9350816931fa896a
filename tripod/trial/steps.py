"""The steps of a trial, and what the result of one means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tripod.catalogue import k6
from tripod.verdicts import failures as codes
from tripod.verdicts.rule import Rule

START, LOAD, STOP = "start", "load", "stop"

SERVICES, K6, K6_END = "tripod_services", "tripod_k6", "tripod_k6_end"
"""The modules that run on hosts."""

Ask = Callable[[str, dict[str, Any]], Mapping[str, Any]]
"""Runs a module on this process's host, given its name and arguments; returns its result, never raises."""

Results = Mapping[str, Mapping[str, Any]]
"""Host name → what its module returned for one step."""

Steps = Mapping[str, Results]
"""Step → results."""

# What a step means that failed without saying at what: its module broke.
_RULE_OF_STEP = {START: codes.START_FAILED, LOAD: codes.K6_FAILED, STOP: codes.STOP_FAILED}
# Where a module says that it failed (its key `failed_at`).
_RULE_AT: dict[str, Rule] = {
    "port": codes.PORT_TAKEN,
    "start": codes.START_FAILED,
    "ready": codes.NOT_READY,
    "stop": codes.STOP_FAILED,
    "lease": codes.LEASE_LOST,
    "capacity": codes.NO_CAPACITY,
}


def sound(results: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether each of a step's results says that it went well."""
    return not any(result.get("unreachable") or result.get("failed") for result in results)


def may_be_taken_again(said: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    """Return whether a host that has lost its lease shall be asked for it: where a trial begins.

    Args:
        said: what its module returned.
        arguments: what the module was told; a load host has nothing to `start`, and is told so.

    """
    return said.get("failed_at") == "lease" and "start" in arguments


def failures(steps: Steps) -> list[tuple[str, str]]:
    """Return reason code and message of everything that went wrong, in the order of the steps."""
    return [
        (bad[0], f"{host}: {bad[1]}")
        for step, results in steps.items()
        for host, result in results.items()
        if (bad := _problem(step, result)) is not None
    ]


def _problem(step: str, result: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return reason code and message of a result that is not sound."""
    if result.get("unreachable"):
        return codes.UNREACHABLE.code, str(result.get("msg", "the host could not be reached"))
    # what ended it is said by another load host
    if not result.get("failed") or result.get("failed_at") == "ended":
        return None
    message = str(result.get("msg", "a step failed"))
    if step == LOAD and result.get("k6") and result.get("failed_at") not in {"lease", "capacity"}:
        return _k6_problem(result["k6"], message)
    rule = _RULE_AT.get(str(result.get("failed_at")), _RULE_OF_STEP[step])
    return rule.code, message


def _k6_problem(told: Mapping[str, Any], message: str) -> tuple[str, str]:
    """Return what k6's exit means; one that exited 0 wrote no summary."""
    code = told["exit_code"]
    meaning = k6.explain_exit(code) if code else "k6 exited with 0, but wrote no summary"
    last = f"; it said: {told['log_tail'][-1]}" if told["log_tail"] else ""
    rule = codes.APP_GONE if code == k6.APP_GONE_EXIT else codes.K6_FAILED
    return rule.code, f"{message}: {meaning}{last}"
