#!/usr/bin/python
"""Ansible module: the load host's part of a trial: prove who answers over the network, warm up, measure."""

from __future__ import annotations

import base64
import gzip
import json
import os
import pwd
import resource
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod import capacity, k6_lock, probes
from ansible.module_utils.tripod.lease import losing
from ansible.module_utils.tripod.open_files import FILES
from ansible.module_utils.tripod.sleep import slept_s
from ansible.module_utils.tripod.supervisor import LOG_LINES

DOCUMENTATION = """
module: tripod_k6
short_description: one trial's load
options:
  root: {description: Tripod's directory on the host, type: str, required: true}
  lease: {description: name of the run's lease; without it nothing is started, type: str, required: true}
  directory: {description: the trial's directory on the host, type: str, required: true}
  target: {description: URL of the app, type: str, required: true}
  main_pid: {description: the app service's main PID, type: int, required: true}
  expect: {description: "what /ready must say, such as loop: uvloop", type: dict, required: true}
  binary: {description: the k6 binary, type: str, required: true}
  k6_version: {description: "what it said of itself, where it was asked before, and /ready, too: then neither
               is asked again", type: str}
  user: {description: "whom k6 runs as, needs root; if not given, whoever calls", type: str}
  becoming: {description: "what is put before a command of k6 so that it runs as that user", type: list,
             elements: str, default: []}
  search: {description: "how to look for the highest rate that keeps its service level, after the phases: see
           tripod.trial.told.search; if not given, nothing is looked for", type: dict}
  phases: {description: "k6 processes: name, command, environment, log (a file's name), limit_s (seconds;
           beyond them it hangs)",
           type: list, elements: dict, required: true}
"""

READY_S = 30.0
SATURATE = "saturate"  # the phase that tells what an app answers at all


def _get(url: str) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return dict(json.load(answer))


def _ready(params: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """Poll /ready until it answers; return its answer, and what is wrong with it."""
    end, last = time.monotonic() + READY_S, "no answer"
    while time.monotonic() < end:
        try:
            ready = _get(params["target"] + "/ready")
        except (OSError, ValueError) as error:
            last = str(error)
            time.sleep(0.03)
            continue
        if params["main_pid"] not in {ready.get("pid"), ready.get("ppid")}:
            return ready, (
                f"{params['target']} is answered by process {ready.get('pid')} (parent {ready.get('ppid')}, "
                f"{ready.get('service')}), not by the service's main PID {params['main_pid']} or its child"
            )
        wrong = {key: ready.get(key) for key, value in params["expect"].items() if ready.get(key) != value}
        return ready, f"the app runs on {wrong}; expected: {params['expect']}" if wrong else None
    return None, f"{params['target']}/ready did not answer within {READY_S:g} s: {last}"


def _raise_file_limit() -> None:
    """Let this process and k6 have `FILES` open files; a container may allow root no more than there are."""
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    except ValueError:
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))


def _place(root: Path, directory: Path, user: str | None) -> None:
    """Make the trial's directory; only root writes in those of trials, and only `user` looks in, too."""
    directory.mkdir(parents=True, exist_ok=True)
    if user:
        for path in (directory, *(parent for parent in directory.parents if root in parent.parents)):
            os.chown(path, 0, pwd.getpwnam(user).pw_gid)
            path.chmod(0o750)


@dataclass(frozen=True)
class _Ended:
    """A k6 process that has ended: exit code, seconds that it took, tail of its output, and what it used."""

    code: int
    seconds: float
    tail: list[str]
    used: dict[str, float | int]


def _k6(params: dict[str, Any], directory: Path, phase: dict[str, Any]) -> _Ended:
    """Run one k6 process in a session of its own, to its end.

    It gets its log as an open file; its summary is the one file that it may write to as somebody else.
    """
    log, summary = directory / phase["log"], Path(phase["environment"]["TRIPOD_SUMMARY"])
    if params["user"]:
        summary.touch(0o600)
        os.chown(summary, pwd.getpwnam(params["user"]).pw_uid, -1)
    lock = k6_lock.K6Lock(params["root"]).hold()
    begun = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*params["becoming"], *phase["command"]],
            env=phase["environment"],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock,),
        )
        os.write(lock, str(process.pid).encode())
        os.close(lock)
        if k6_lock.is_ended(params["root"], directory.name):
            _kill(process.pid)  # whoever ended the trial looked for a k6 too early to find this one
        used = _waited(process, phase["limit_s"])
    if summary.exists() and not summary.stat().st_size:
        summary.unlink()  # k6 wrote none
    tail = log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
    return _Ended(process.returncode, time.monotonic() - begun, tail, used)


def _waited(process: subprocess.Popen[bytes], limit_s: float) -> dict[str, float | int]:
    """Wait for a process, and kill its session when its time is over; return what the kernel says it used."""
    hanging = threading.Timer(limit_s, _kill, (process.pid,))
    hanging.daemon = True
    hanging.start()
    _, status, used = os.wait4(process.pid, 0)
    hanging.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    # In kB, but bytes on macOS: getrusage(2).
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "user_s": used.ru_utime,
        "system_s": used.ru_stime,
        "memory_peak_bytes": used.ru_maxrss * unit,
    }


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _packed(path: str) -> str | None:
    """Return a summary for the way to the controller, which keeps it as it comes: gzip, here in base64.

    It is kept so here, too, a tenth of the quantile grid's size.
    """
    plain = Path(path)
    try:
        content = gzip.compress(plain.read_bytes(), compresslevel=6, mtime=0)
    except FileNotFoundError:
        return None
    plain.with_name(f"{plain.name}.gz").write_bytes(content)
    plain.unlink()
    return base64.b64encode(content).decode("ascii")


def _proved(params: dict[str, Any], result: dict[str, Any]) -> str | None:
    """Note in the result who answers, and which k6 this is, unless that is known; return what is wrong."""
    result["k6_version"] = params["k6_version"]
    if params["k6_version"] is not None:
        return None
    begun = time.monotonic()
    result["ready"], wrong = _ready(params)
    result["seconds"]["ready"] = round(time.monotonic() - begun, 3)
    if not wrong:
        result["k6_version"] = _version(params["becoming"], params["binary"])
    return wrong


def _version(becoming: list[str], binary: str) -> str:
    command = [*becoming, binary, "version"]
    shown = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, timeout=30)
    return shown.stdout.strip()


@dataclass(frozen=True)
class _Saturated:
    """The closed load before a search: its phase, k6's summary of it, and when it began (monotonic)."""

    phase: dict[str, Any]
    summary: dict[str, Any]
    begun: float


def _search(
    search: dict[str, Any],
    saturated: _Saturated,
    run: Callable[..., dict[str, Any]],
    result: dict[str, Any],
) -> str | None:
    """Look for the capacity, note in the result how, and return why there is none.

    Args:
        search: as `tripod.trial.told.search` makes it.
        saturated: the closed load before.
        run: runs a phase.
        result: of the module; its summary of `measure` is that of the rate that was confirmed.

    """
    names, summary = search["metrics"], saturated.summary
    saturated_rps = probes.count(summary, names["ok"]) / float(
        saturated.phase["environment"]["TRIPOD_DURATION_S"]
    )
    tried: list[dict[str, Any]] = []
    looked = result["capacity"] = {
        "saturated_rps": saturated_rps,
        "saturated_ok_requests": probes.count(summary, names["ok_total"]),
        "rate": None,
        "probes": tried,
        "seconds": 0.0,
    }

    def missed(rate: int, *, confirms: bool = False) -> float:
        phase = probes.phase(search, rate, len(tried) + 1, confirms=confirms)
        tried.append(probes.outcome(search, phase, run(phase, keep=confirms)))
        measured_s = result["seconds"]["measure"] or 0.0
        looked["seconds"] = round(time.monotonic() - saturated.begun - measured_s, 3)
        return float(tried[-1]["missed_share"])

    terms = capacity.Terms(**search["terms"])
    found = capacity.search(missed, saturated_rps, terms)
    looked["rate"] = found and capacity.confirm(partial(missed, confirms=True), found, terms)
    if looked["rate"]:
        return None
    return f"saturated it answers {saturated_rps:.1f} requests/s; of the rates below, {_told(tried)}"


def _told(tried: list[dict[str, Any]]) -> str:
    """Return in words what came of the rates, those apart that were offered for the whole length."""
    shares = [
        [f"{one['rate']}/s missed {one['missed_share']:.1%}" for one in tried if one["confirms"] is confirms]
        for confirms in (False, True)
    ]
    probed, confirmed = map(", ".join, shares)
    whole = f"; for the whole length, {confirmed}" if confirmed else ""
    return f"{probed or 'none was tried'}{whole}"


def main() -> None:
    """Prove, warm up, measure; fail at the first step that is not sound. What that means is the library's."""
    module = AnsibleModule(
        {
            "root": {"type": "str", "required": True},
            "lease": {"type": "str", "required": True},
            "directory": {"type": "str", "required": True},
            "target": {"type": "str", "required": True},
            "main_pid": {"type": "int", "required": True},
            "expect": {"type": "dict", "required": True},
            "user": {"type": "str"},
            "becoming": {"type": "list", "elements": "str", "default": []},
            "binary": {"type": "str", "required": True},
            "k6_version": {"type": "str"},
            "phases": {"type": "list", "elements": "dict", "required": True},
            "search": {"type": "dict"},
        }
    )
    params = module.params
    directory = Path(params["directory"])
    _place(Path(params["root"]), directory, params["user"])
    if params["user"]:
        _raise_file_limit()
    asleep = slept_s()
    result: dict[str, Any] = {"changed": True, "ready": None, "k6": None, "summaries": {}}
    result["seconds"] = dict.fromkeys(("ready", "warmup", "measure"))

    def run(phase: dict[str, Any], *, keep: bool = True) -> dict[str, Any]:
        """Run a phase and return k6's summary, which the result has, too, unless it is not to be kept."""
        lost, _ = losing.lost(params["root"], params["lease"])
        if lost:
            module.fail_json(msg=lost, failed_at="lease", **result)
        ended = _k6(params, directory, phase)
        result["seconds"]["slept"] = round(max(slept_s() - asleep, 0), 3)
        packed = _packed(phase["environment"]["TRIPOD_SUMMARY"])
        if keep:
            result["seconds"][phase["name"]] = round(ended.seconds, 3)
            result["summaries"][phase["name"]] = packed
        result["k6"] = {
            "version": result["k6_version"],
            "exit_code": ended.code,
            "command": phase["command"],
            "log_tail": ended.tail,
            "used": ended.used,
        }
        if k6_lock.is_ended(params["root"], directory.name):
            module.fail_json(msg="ended, as another load host could not go on", failed_at="ended", **result)
        if ended.code != 0 or packed is None:
            module.fail_json(msg=f"k6 failed in the {phase['name']} phase", phase=phase["name"], **result)
        return dict(json.loads(gzip.decompress(base64.b64decode(packed))))

    wrong = _proved(params, result)
    if wrong:
        module.fail_json(msg=wrong, failed_at="ready", **result)
    wrong = _offered(params, run, result)
    if wrong:
        module.fail_json(msg=wrong, failed_at="capacity", **result)
    module.exit_json(clock_s=time.time(), **result)


def _offered(
    params: dict[str, Any], run: Callable[..., dict[str, Any]], result: dict[str, Any]
) -> str | None:
    """Run the phases, and look for a capacity if asked; return why there is none."""
    for phase in params["phases"]:
        phase_begun = time.monotonic()
        summary = run(phase, keep=phase["name"] != SATURATE)
    if params["search"]:
        return _search(params["search"], _Saturated(phase, summary, phase_begun), run, result)
    return None


if __name__ == "__main__":
    main()
