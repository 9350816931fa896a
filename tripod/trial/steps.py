"""The steps of a trial, and what the result of one means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tripod.catalogue import k6

START, LOAD, STOP = "start", "load", "stop"

Results = Mapping[str, Mapping[str, Any]]
"""Host name → what its module returned for one step."""

Steps = Mapping[str, Results]
"""Step → results."""

# What a step means that failed without saying at what: its module broke.
_CODE_OF_STEP = {START: "start-failed", LOAD: "k6-failed", STOP: "stop-failed"}
# Where a module says that it failed (its key `failed_at`).
_CODE_AT = {"port": "port-taken", "start": "start-failed", "ready": "not-ready", "stop": "stop-failed"}


def sound(results: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether each of a step's results says that it went well."""
    return not any(result.get("unreachable") or result.get("failed") for result in results)


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
        return "unreachable", str(result.get("msg", "the host could not be reached"))
    if not result.get("failed"):
        return None
    message = str(result.get("msg", "a step failed"))
    if step == LOAD and result.get("k6"):
        return _k6_problem(result["k6"], message)
    return _CODE_AT.get(str(result.get("failed_at")), _CODE_OF_STEP[step]), message


def _k6_problem(told: Mapping[str, Any], message: str) -> tuple[str, str]:
    """Return what k6's exit means; one that exited 0 wrote no summary."""
    code = told["exit_code"]
    meaning = k6.explain_exit(code) if code else "k6 exited with 0, but wrote no summary"
    last = f"; it said: {told['log_tail'][-1]}" if told["log_tail"] else ""
    return "app-gone" if code == k6.APP_GONE_EXIT else "k6-failed", f"{message}: {meaning}{last}"
