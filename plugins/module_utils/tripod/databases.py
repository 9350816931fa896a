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
    """The fake database around a trial, in which it counts from its start on: its `/stats` tell."""

    def __init__(self, service: dict[str, Any]) -> None:
        """Use the service's name, address and port, and the latency that it should have."""
        self._service = service
        self._sleep_ms: object = None

    def identify(self, _main_pid: int | None) -> Told:
        """Ask it who it is until it answers; return its answer, or what went wrong."""
        end, last = time.monotonic() + READY_S, "no answer"
        while time.monotonic() < end:
            try:
                stats = self._stats()
            except (OSError, ValueError) as error:
                last = str(error)
                time.sleep(0.03)
                continue
            self._sleep_ms = stats.get("sleep_ms")
            return {key: stats.get(key) for key in ("pid", "service", "sleep_ms")}, None
        return None, f"{self._service['name']} did not answer within {READY_S:g} s: {last}"

    def check(self) -> Told:
        """Compare the latency that it was started with to the one that the plan asks for."""
        asked = self._service.get("sleep_ms")
        if asked is None or self._sleep_ms == asked:
            return {}, None
        return {}, (
            f"{self._service['name']} answers after {self._sleep_ms} ms, the plan says {asked} ms; "
            "deploy anew what the plan needs: playbooks/deploy.yml"
        )

    def begin(self) -> str | None:
        """Count from the start of the process, which was started for this trial."""

    def end(self) -> dict[str, Any] | None:
        """Return what it counted, as it tells it itself; None if it is gone."""
        try:
            return self._stats()
        except (OSError, ValueError):
            return None

    def _stats(self) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        url = "http://{address}:{port}/stats".format(**self._service)
        with opener.open(url, timeout=1) as answer:
            return dict(json.load(answer))


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
