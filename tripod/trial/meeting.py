"""Where the processes that conduct a run, one for each host, hand each other what their hosts said.

A step of a trial begins on all hosts when the one before has ended on all. The processes wait for each other
by locks on files: so waiting costs nothing while k6 measures, and a process that dies keeps nobody waiting,
since the kernel gives its lock back.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_ARRIVAL_TICK_S = 0.01
# What is heard of a process that has left.
_GONE = {"unreachable": True, "msg": "the controller's process that works on it has ended"}


class AbsentError(Exception):
    """A process never came to the meeting, or has left it; the message names its host."""


class Meeting:
    """One process's seat: `share` gives what this host said, and takes what the others did."""

    def __init__(self, directory: Path, me: str, hosts: Sequence[str], arrival_s: float) -> None:
        """Take the seat of `me` in a directory that is this run's alone.

        Args:
            directory: on the controller; made where it is not there.
            me: this process's host.
            hosts: all of them, `me` too.
            arrival_s: seconds within which every process must have come.

        """
        self._directory = directory
        self._me = me
        self._others = [host for host in hosts if host != me]
        self._left: list[str] = []
        self._round = 0
        self._arrive_until = time.monotonic() + arrival_s
        directory.mkdir(parents=True, exist_ok=True)
        self._seat = self._locked(self._round)

    def share(self, said: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Give what this host said, wait for the others, and return host → what it said.

        A process that has left has said that its host is `unreachable`, this once.

        Raises:
            AbsentError: if a process never came, or had left before.

        """
        if self._left:
            raise AbsentError(f"the process that works on {', '.join(self._left)} has ended")
        given, self._seat = self._seat, self._locked(self._round + 1)
        with given:
            given.write(json.dumps(said))
        heard = {self._me: dict(said)}
        for host in self._others:
            heard[host] = self._hear(host)
        # Everybody has said something in this round, so nobody reads of the one before any more.
        self._path(self._me, self._round - 1).unlink(missing_ok=True)
        self._round += 1
        return heard

    def overhear(self, host: str) -> Callable[[], dict[str, Any]]:
        """Return what waits for another host's word of this round, in a thread, while this one has none yet.

        Its answer is that of `share`; it must have come before this host says something in the next round.
        """
        number = self._round

        def hear() -> dict[str, Any]:
            return self._said(host, number) or dict(_GONE)

        return hear

    def leave(self) -> None:
        """Say nothing any more: who waits for this host goes on without it."""
        self._seat.close()

    def _path(self, host: str, number: int) -> Path:
        return self._directory / f"{host}.{number}"

    def _locked(self, number: int) -> IO[str]:
        """Return this host's file of a round, which is locked from the moment on at which it can be seen."""
        path = self._path(self._me, number)
        fresh = path.with_name(f".{path.name}")
        file = fresh.open("w", encoding="utf-8")
        fcntl.flock(file, fcntl.LOCK_EX)
        fresh.rename(path)
        return file

    def _hear(self, host: str) -> dict[str, Any]:
        said = self._said(host, self._round)
        if said is None:
            self._left.append(host)
        return dict(_GONE) if said is None else said

    def _said(self, host: str, number: int) -> dict[str, Any] | None:
        """Return what a host says in a round, which is waited for; None if its process has left."""
        path = self._path(host, number)
        while not path.exists():  # in the first round only: later ones are there before the one before ends
            if time.monotonic() > self._arrive_until:
                raise AbsentError(f"the process that works on {host} did not start")
            time.sleep(_ARRIVAL_TICK_S)
        with path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            said = file.read()
        return dict(json.loads(said)) if said else None
