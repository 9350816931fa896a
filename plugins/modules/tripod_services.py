#!/usr/bin/python
"""Ansible module: stop everything that Tripod left running on a host, then start a trial's services there."""

from __future__ import annotations

import getpass
import socket
import time
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod import calibration, k6_lock
from ansible.module_utils.tripod.databases import for_service, prove
from ansible.module_utils.tripod.lease import losing
from ansible.module_utils.tripod.managers import Manager, manager
from ansible.module_utils.tripod.ports import holder, places
from ansible.module_utils.tripod.telemetry import control

DOCUMENTATION = """
module: tripod_services
short_description: make exactly these of Tripod's services run, freshly started
options:
  manager: {description: systemd or supervisor, type: str, required: true}
  root: {description: Tripod's directory on the host, type: str, required: true}
  start: {description: "services to start: name, address, port, and of a database its kind as `database`",
          type: list, elements: dict, default: []}
  observe: {description: "services, as above, whose state and log to report before stopping", type: list,
            elements: dict, default: []}
  lease: {description: "name of the run's lease: where another run has the host, nothing is touched, and
          without it nothing is started; the empty name breaks whichever there is", type: str, required: true}
  sample: {description: "name of the trial for which this host is sampled, once its services have started",
           type: str}
  sampled: {description: "name of the trial whose samples to return, up to now, before anything is stopped",
            type: str}
  end: {description: "whether to end Tripod's own service manager, supervisord, and the host's sampler, too",
        type: bool, default: false}
  calibrate: {description: "whether to time a fixed work while nothing of Tripod runs: when all is stopped,
              and nothing started", type: bool, default: false}
"""


def _leased(params: dict[str, Any]) -> tuple[str | None, bool]:
    """Return what is wrong with the lease, and whether what runs here may be stopped."""
    if not params["lease"]:
        # Here, since a trial's start and stop do without: Ansible's archive has sources, compiled each time.
        from ansible.module_utils.tripod.lease import taking  # noqa: PLC0415

        return taking.broken(getpass.getuser()), True
    lost, taken = losing.lost(params["root"], params["lease"])
    # Also in a trial of a load host, which has no service: its k6 needs the lease.
    in_trial = not params["end"]
    return (lost, False) if taken else (lost if in_trial else None, True)


def _port_problem(address: str, port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return f"{address}:{port} cannot be used ({error.strerror}): {holder(port)}"
    return None


def _start(
    keeper: Manager, service: dict[str, Any], root: str
) -> tuple[dict[str, Any], str | None, str | None]:
    """Start one service; return what is known of it, and at what it failed, with a message."""
    name = service["name"]
    taken = _port_problem(service["address"], int(service["port"]))
    if taken:
        return {}, "port", taken
    error = keeper.start(name)
    if error:
        return {"log_tail": keeper.log_tail(name)}, "start", error
    known: dict[str, Any] = {"main_pid": keeper.main_pid(name), "state": "started"}
    if known["main_pid"] is None:
        gone = f"{name} ended as soon as it was started"
        return known | {"log_tail": keeper.log_tail(name)}, "start", gone
    database = for_service(service, root)
    if database:
        known["ready"], error = prove(database, known["main_pid"])
        error = error or database.begin()
    if error:
        return known | {"log_tail": keeper.log_tail(name)}, "ready", error
    return known, None, None


def _observe(keeper: Manager, services: list[dict[str, Any]], root: str) -> dict[str, Any]:
    """Return each service's state, log, and where it listens, and what the database counted.

    By now an app that could be measured has long begun to listen, which it has not when it was just started.
    """
    seen: dict[str, Any] = {"services": {}, "database": None}
    for service in services:
        name = service["name"]
        pid = keeper.main_pid(name)
        state = "running" if pid else "dead"
        listens = places(pid) if pid else []
        tail = keeper.log_tail(name)
        seen["services"][name] = {"state": state, "main_pid": pid, "listens": listens, "log_tail": tail}
    databases = {service["name"]: for_service(service, root) for service in services}
    for name, database in databases.items():
        if database is None:
            keeper.stop(name)
    for database in databases.values():
        if database is not None:
            seen["database"] = database.end()
    return seen


def _stop(keeper: Manager, params: dict[str, Any]) -> tuple[list[str], bool]:
    """Stop all that Tripod runs here; return what still does, and whether there was a k6."""
    found, left = k6_lock.killed(params["root"])
    k6_lock.forget(params["root"])
    if params["end"]:
        left += control.ended(params["root"])
        keeper.end()
    else:
        keeper.stop_all()
    return left + keeper.running(), found


def _watch(params: dict[str, Any], services: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Have what runs now sampled."""
    legs = {service["name"]: "db" if service.get("database") else "app" for service in params["start"]}
    running = {legs[name]: (name, known["main_pid"]) for name, known in services.items()}
    return control.watch(params["root"], params["lease"], params["sample"], running)


def main() -> None:
    """Observe, stop, start."""
    module = AnsibleModule(
        {
            "manager": {"type": "str", "required": True},
            "root": {"type": "str", "required": True},
            "start": {"type": "list", "elements": "dict", "default": []},
            "observe": {"type": "list", "elements": "dict", "default": []},
            "lease": {"type": "str", "required": True},
            "sample": {"type": "str"},
            "sampled": {"type": "str"},
            "end": {"type": "bool", "default": False},
            "calibrate": {"type": "bool", "default": False},
        }
    )
    begun = time.monotonic()
    result: dict[str, Any] = {"changed": True, "started_at": _now(), "services": {}}
    lost, may_stop = _leased(module.params)
    if not may_stop:
        module.fail_json(msg=str(lost), failed_at="lease", **result)
    keeper = manager(module.params["manager"], module.params["root"])
    if module.params["sampled"]:
        result["telemetry"] = control.read(module.params["root"], module.params["sampled"])
    if module.params["observe"]:
        result |= _observe(keeper, module.params["observe"], module.params["root"])
    left, result["k6_killed"] = _stop(keeper, module.params)
    problem: tuple[str | None, str | None] = ("lease", lost) if lost else (None, None)
    if left:
        running = f"still running: {', '.join(left)}"
        # Who took the lease away is stopping things, too, and may not have ended.
        problem = ("lease", f"{lost}; {running}") if lost else ("stop", running)
    if module.params["calibrate"] and not left:
        result["calibration_s"] = calibration.best_s()
    for service in module.params["start"] if not left and not lost else []:
        known, failed_at, message = _start(keeper, service, module.params["root"])
        result["services"][service["name"]] = known
        if failed_at:
            problem = (failed_at, message)
            break
    if module.params["sample"] and not problem[0]:
        result["telemetry"] = _watch(module.params, result["services"])
    result |= {"ended_at": _now(), "seconds": round(time.monotonic() - begun, 3)}
    if problem[0]:
        module.fail_json(msg=str(problem[1]), failed_at=problem[0], **result)
    module.exit_json(**result)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    main()
