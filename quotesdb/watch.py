"""PostgreSQL around a trial: who answers, whether the data are whole, and what the server counted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from quotesdb import data
from quotesdb.psql import Psql, PsqlError

READY_S = 10.0

Told = tuple[dict[str, Any] | None, str | None]
"""What is known, and what is wrong with it."""


class Watch:
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

    def identify(self, main_pid: int | None) -> Told:
        """Wait until the server answers; return who it is, or what went wrong.

        `main_pid` is the service's: once that process has gone, nobody is waited for.
        """
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
        return {"service": self._name, **known}, None

    def check(self) -> Told:
        """Return the numbers of rows, and what is wrong with them."""
        try:
            (rows,) = self._psql.values("rows", database=data.DATABASE)
        except PsqlError as error:
            return None, f"the quotes cannot be read: {error}. Load them again: {data.RELOAD}"
        return rows, data.wrong_rows(rows)

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
