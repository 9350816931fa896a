"""Processes that wait for each other, step by step, and for nobody who has gone."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from tripod.trial.meeting import AbsentError, Meeting

HOSTS = ["load", "app", "db"]
FORK = multiprocessing.get_context("fork")  # as Ansible makes its workers
Role = Callable[[Meeting, str], Any]


def _sit(role: Role, directory: Path, host: str, arrival_s: float, answers: Connection) -> None:
    try:
        answers.send(role(Meeting(directory, host, HOSTS, arrival_s), host))
    except AbsentError as error:
        answers.send(str(error))


def meet(roles: dict[str, Role], directory: Path, *, arrival_s: float = 10) -> dict[str, Any]:
    """Let a process play each host's role, and return host → what the role returned, None if it died."""
    pipes = {}
    for host, role in roles.items():
        receiver, sender = FORK.Pipe(duplex=False)
        FORK.Process(target=_sit, args=(role, directory, host, arrival_s, sender)).start()
        sender.close()
        pipes[host] = receiver
    told = {}
    for host, pipe in pipes.items():
        try:
            told[host] = pipe.recv() if pipe.poll(30) else "still waits"
        except EOFError:
            told[host] = None
    return told


def _three_rounds(meeting: Meeting, host: str) -> list[dict[str, Any]]:
    """Come late in turn; stamp each round with when it was said."""
    heard = []
    for number in range(3):
        if HOSTS[number] == host:
            time.sleep(0.2)
        heard.append(meeting.share({"number": number, "said_at": time.monotonic()}))
        heard[-1]["heard_at"] = {"at": time.monotonic()}
    return heard


def test_everybody_hears_everybody_and_nobody_runs_ahead(tmp_path: Path) -> None:
    """In each round all hear the same, and not before the last one has said it."""
    told = meet(dict.fromkeys(HOSTS, _three_rounds), tmp_path)
    for number in range(3):
        heard = [told[host][number] for host in HOSTS]
        said = [{host: one[host] for host in HOSTS} for one in heard]
        assert said[0] == said[1] == said[2]
        assert all(said[0][host]["number"] == number for host in HOSTS)
        last = max(said[0][host]["said_at"] for host in HOSTS)
        assert all(one["heard_at"]["at"] >= last for one in heard)


def test_what_was_said_does_not_pile_up(tmp_path: Path) -> None:
    """After many rounds a host has the files of the last ones only."""

    def chatter(meeting: Meeting, _: str) -> int:
        for number in range(50):
            meeting.share({"number": number})
        return len(list(tmp_path.iterdir()))

    told = meet(dict.fromkeys(HOSTS, chatter), tmp_path)
    assert all(count <= 3 * len(HOSTS) for count in told.values()), told


def test_a_process_that_dies_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Its host is unreachable in the round in which it died; the next round ends the run, by its name."""

    def dies(meeting: Meeting, _: str) -> None:
        meeting.share({})
        os._exit(9)

    def lives(meeting: Meeting, _: str) -> list[Any]:
        meeting.share({})
        heard = meeting.share({"fine": True})
        with pytest.raises(AbsentError, match="works on db has ended"):
            meeting.share({})
        return [heard["db"].get("unreachable"), heard["app"] == heard["load"] == {"fine": True}]

    assert meet({"load": lives, "app": lives, "db": dies}, tmp_path) == {
        "load": [True, True],
        "app": [True, True],
        "db": None,
    }


def test_a_process_that_leaves_keeps_nobody_waiting(tmp_path: Path) -> None:
    """So it is with one that lives on, but takes no further part."""

    def leaves(meeting: Meeting, _: str) -> str:
        meeting.leave()
        time.sleep(1)
        return "left"

    def stays(meeting: Meeting, _: str) -> Any:
        return meeting.share({})["app"].get("unreachable")

    assert meet({"load": stays, "app": leaves, "db": stays}, tmp_path) == {
        "load": True,
        "app": "left",
        "db": True,
    }


def test_a_process_that_never_comes_is_named(tmp_path: Path) -> None:
    """Who has come gives up after the time of arrival."""
    come = ("load", "app")
    told = meet({host: lambda meeting, _: meeting.share({}) for host in come}, tmp_path, arrival_s=0.3)
    assert told == dict.fromkeys(come, "the process that works on db did not start")


def test_one_host_waits_for_nobody(tmp_path: Path) -> None:
    """On localhost there is one process, and what it says is all there is to hear."""
    meeting = Meeting(tmp_path, "localhost", ["localhost"], 0)
    assert meeting.share({"a": 1}) == {"localhost": {"a": 1}}
    assert meeting.share({"a": 2}) == {"localhost": {"a": 2}}
