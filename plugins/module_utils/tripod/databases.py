"""The databases of the DB leg around a trial: prove that the right one is ready, and tell what it did."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Any

from .psql import Psql, PsqlError

READY_S = 10.0
# The applications' database and role have one name; the administrator's are both `postgres`.
DATABASE = ROLE = "tripod"
AUTHORS, QUOTES = 100, 100_000
RELOAD = "ansible-playbook playbooks/deploy.yml -e matrix=quotes -e postgres_reload=true (and the run's -i)"

Ready = tuple[dict[str, Any] | None, str | None]


class FakedbWatch:
    """The fake database around a trial: knows who it is, and keeps no statistics for the record."""

    def __init__(self, service: dict[str, Any]) -> None:
        """Use the service's name, address and port."""
        self._service = service

    def ready(self, main_pid: int | None) -> Ready:
        """Ask it who it is until it answers; return its answer and what is wrong with it."""
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
            return _of_main_pid({key: stats.get(key) for key in ("pid", "service", "sleep_ms")}, main_pid)
        return None, f"{name} did not answer within {READY_S:g} s: {last}"

    def begin(self) -> str | None:
        """Count nothing."""

    def end(self) -> None:
        """Tell nothing."""


class PostgresWatch:
    """PostgreSQL around a trial, as role postgres made it: what it counted between `begin` and `end`.

    Its own sessions are in the database `postgres` where they can be, so that the applications' database
    counts the applications. The two calls come from two processes: what lies between is kept in a file.
    """

    def __init__(self, service: dict[str, Any], root: str | Path) -> None:
        """Use the service's name and port, and the files under `root`."""
        self._name = service["name"]
        self._psql = Psql(root, int(service["port"]))
        self._began = self._psql.home / "began.json"
        self._samples = self._psql.home / "active.txt"
        self._opened = 0

    def ready(self, main_pid: int | None) -> Ready:
        """Wait until the server answers; return who it is, and what is wrong with it or with its data."""
        self._began.unlink(missing_ok=True)
        end = time.monotonic() + READY_S
        while True:
            try:
                (known,) = self._psql.values("identity")
                break
            except PsqlError as error:
                if not _alive(main_pid):
                    return None, f"{self._name} ended while it started; its log says why"
                if time.monotonic() > end:
                    return None, f"{self._name} did not answer within {READY_S:g} s: {error}"
                time.sleep(0.03)
        self._opened = known.pop("sessions")
        identity, problem = _of_main_pid({"service": self._name, **known}, main_pid)
        if problem:
            return identity, problem
        try:
            (rows,) = self._psql.values("rows", database=DATABASE)
        except PsqlError as error:
            return identity, f"the quotes cannot be read: {error}. Load them again: {RELOAD}"
        return identity | rows, wrong_rows(rows)

    def begin(self) -> str | None:
        """Start to count: note what was counted before, and watch how many sessions work at a time.

        Returns what went wrong, if anything did.
        """
        try:
            views, before = self._psql.values("begin")
        except PsqlError as error:
            return f"{self._name} failed before the trial began: {error}"
        self._psql.watch("active", self._samples)
        self._began.write_text(json.dumps({"opened": self._opened, **views, **before}), encoding="utf-8")
        return None

    def end(self) -> dict[str, Any] | None:
        """Return what was counted at `begin` and is counted now; None without a beginning, or a server.

        Waits for the applications' sessions to end, since live ones report late; after 16 s it ends them.
        """
        try:
            before = json.loads(self._began.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        self._began.unlink()
        try:
            after, *told, views = self._psql.values("end", *(["statements"] * before["statements"]), "views")
        except PsqlError:
            return None
        active = [int(line) for line in self._samples.read_text(encoding="utf-8").split()]
        return {"before": before, "after": after | views, "active": active, "statements": [*told, None][0]}


def _alive(pid: int | None) -> bool:
    """Return whether a process is there, whosever it is."""
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True


def _of_main_pid(identity: dict[str, Any], main_pid: int | None) -> Ready:
    if identity["pid"] == main_pid:
        return identity, None
    told = f"process {identity['pid']} answers as the database, not {main_pid}, the service's main PID"
    return identity, told


def wrong_rows(rows: dict[str, int]) -> str | None:
    """Return what is wrong with the numbers of authors and quotes, with the command that makes it right."""
    wanted = {"authors": AUTHORS, "quotes": QUOTES}
    if rows == wanted:
        return None
    found = f"{rows['quotes']} quotes of {rows['authors']} authors"
    return f"the database has {found}, not {QUOTES} of {AUTHORS}; load them again: {RELOAD}"


def for_service(service: dict[str, Any], root: str | Path) -> FakedbWatch | PostgresWatch | None:
    """Return the database that a service of a trial is, by its key `database`; None for other services."""
    kind = service.get("database")
    if kind == "postgres":
        return PostgresWatch(service, root)
    return FakedbWatch(service) if kind == "fakedb" else None
