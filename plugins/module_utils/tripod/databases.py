"""The databases of the DB leg around a trial: prove that the right one is ready, and tell what it did."""

from __future__ import annotations

import importlib
import json
import sys
import time
import urllib.request
from typing import Any, Protocol

READY_S = 10.0

Told = tuple[dict[str, Any] | None, str | None]
"""What is known, and what is wrong with it."""


class Watch(Protocol):
    """What watches a database around a trial; `begin` and `end` are called by two processes."""

    def identify(self, main_pid: int | None) -> Told:
        """Wait until it answers, while the service's process lives; return who it is, or what went wrong."""

    def check(self) -> Told:
        """Return what else is known of it before a trial, and what is wrong with its data."""

    def begin(self) -> str | None:
        """Start to count; return what went wrong, if anything did."""

    def end(self) -> dict[str, Any] | None:
        """Return what was counted; None if nothing was."""


class FakedbWatch:
    """The fake database around a trial: knows who it is, and keeps no statistics for the record."""

    def __init__(self, service: dict[str, Any]) -> None:
        """Use the service's name, address and port."""
        self._service = service

    def identify(self, _main_pid: int | None) -> Told:
        """Ask it who it is until it answers; return its answer, or what went wrong."""
        name, address, port = (self._service[key] for key in ("name", "address", "port"))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        end, last = time.monotonic() + READY_S, "no answer"
        while time.monotonic() < end:
            try:
                with opener.open(f"http://{address}:{port}/stats", timeout=1) as answer:
                    stats = json.load(answer)
            except (OSError, ValueError) as error:
                last = str(error)
                time.sleep(0.03)
                continue
            return {key: stats.get(key) for key in ("pid", "service", "sleep_ms")}, None
        return None, f"{name} did not answer within {READY_S:g} s: {last}"

    def check(self) -> Told:
        """Find nothing wrong: it has no data."""
        return {}, None

    def begin(self) -> str | None:
        """Count nothing."""

    def end(self) -> None:
        """Tell nothing."""


def deployed(module: str, root: str) -> Any:
    """Return a module of the code that deploy put under `root`."""
    sys.dont_write_bytecode = True  # deploy removes what it did not put there
    sys.path.insert(0, root)
    return importlib.import_module(module)


def for_service(service: dict[str, Any], root: str) -> Watch | None:
    """Return what watches a service of a trial, by its key `database`; None for other services."""
    kind = service.get("database")
    if kind == "postgres":
        watch: Watch = deployed("quotesdb.watch", root).Watch(service, root)
        return watch
    return FakedbWatch(service) if kind == "fakedb" else None


def prove(watch: Watch, main_pid: int | None) -> Told:
    """Return who answers as the database, and why it is not the one that this trial started, or not sound."""
    identity, problem = watch.identify(main_pid)
    if identity is None:
        return None, problem
    if identity["pid"] != main_pid:
        pid = identity["pid"]
        return identity, f"process {pid} answers as the database, not {main_pid}, the service's main PID"
    known, problem = watch.check()
    return identity | (known or {}), problem
