#!/usr/bin/python
"""Ansible module: stop everything that Tripod left running on a host, then start a trial's services there."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod_k6_lock import K6Lock
from ansible.module_utils.tripod_managers import manager

DOCUMENTATION = """
module: tripod_services
short_description: make exactly these of Tripod's services run, freshly started
options:
  manager: {description: systemd or supervisor, type: str, required: true}
  root: {description: Tripod's directory on the host, type: str, required: true}
  start: {description: "services to start: name, address, port, stats (whether to ask it for its identity)",
          type: list, elements: dict, default: []}
  observe: {description: names of services whose state and log to report before stopping, type: list,
            elements: str, default: []}
  end: {description: "whether to end Tripod's own service manager, supervisord, too", type: bool,
        default: false}
"""

DB_READY_S = 10.0


def _holder(port: int) -> str:
    """Return who listens on a port, as far as this user may see."""
    for command in (["ss", "-Hltnp", f"sport = :{port}"], ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN"]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        except (OSError, subprocess.SubprocessError):
            continue
        if done.stdout.strip():
            return done.stdout.strip().splitlines()[-1]
    return "its process cannot be seen"


def _port_problem(address: str, port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return f"{address}:{port} cannot be used ({error.strerror}): {_holder(port)}"
    return None


def _db_identity(service: dict, pid: int | None) -> tuple[dict | None, str | None]:
    """Ask the fake database who it is until it answers; return its answer and what is wrong with it."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end, last = time.monotonic() + DB_READY_S, "no answer"
    while time.monotonic() < end:
        try:
            with opener.open(f"http://{service['address']}:{service['port']}/stats", timeout=1) as answer:
                stats = json.load(answer)
        except (OSError, ValueError) as error:
            last = str(error)
            time.sleep(0.03)
            continue
        ready = {key: stats.get(key) for key in ("pid", "service", "sleep_ms")}
        if ready["pid"] != pid:
            return (
                ready,
                f"process {ready['pid']} answers on the database's port, not {pid}, the service's main PID",
            )
        return ready, None
    return None, f"{service['name']} did not answer within {DB_READY_S:g} s: {last}"


def _start(keeper: object, service: dict) -> tuple[dict, str | None, str | None]:
    """Start one service; return what is known of it, and a reason code with its message if it failed."""
    address, port = service["address"], int(service["port"])
    taken = _port_problem(address, port)
    if taken:
        return {}, "port-taken", taken
    error = keeper.start(service["name"])
    if error:
        return {"log_tail": keeper.log_tail(service["name"])}, "start-failed", error
    known = {"main_pid": keeper.main_pid(service["name"]), "state": "started"}
    if known["main_pid"] is None:
        gone = f"{service['name']} ended as soon as it was started"
        return known | {"log_tail": keeper.log_tail(service["name"])}, "start-failed", gone
    if service.get("stats"):
        known["ready"], error = _db_identity(service, known["main_pid"])
    if error:
        return known | {"log_tail": keeper.log_tail(service["name"])}, "not-ready", error
    return known, None, None


def main() -> None:
    """Observe, stop, start."""
    module = AnsibleModule(
        {
            "manager": {"type": "str", "required": True},
            "root": {"type": "str", "required": True},
            "start": {"type": "list", "elements": "dict", "default": []},
            "observe": {"type": "list", "elements": "str", "default": []},
            "end": {"type": "bool", "default": False},
        }
    )
    begun = time.monotonic()
    result: dict = {"changed": True, "started_at": _now(), "services": {}}
    keeper = manager(module.params["manager"], module.params["root"])
    for name in module.params["observe"]:
        pid = keeper.main_pid(name)
        state = "running" if pid else "dead"
        result["services"][name] = {"state": state, "main_pid": pid, "log_tail": keeper.log_tail(name)}
    lock = K6Lock(module.params["root"])
    result["k6_killed"] = lock.kill()
    if module.params["end"]:
        keeper.end()
    else:
        keeper.stop_all()
    problem = (None, None)
    left = keeper.running()
    if left:
        problem = ("stop-failed", f"still running: {', '.join(left)}")
    for service in module.params["start"] if not left else []:
        known, reason, message = _start(keeper, service)
        result["services"][service["name"]] = known
        if reason:
            problem = (reason, message)
            break
    result |= {"ended_at": _now(), "seconds": round(time.monotonic() - begun, 3)}
    if problem[0]:
        module.fail_json(msg=problem[1], reason=problem[0], **result)
    module.exit_json(**result)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    main()
