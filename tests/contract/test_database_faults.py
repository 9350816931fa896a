"""Whatever the database does, `/api` answers 502 with a JSON error in bounded time, and recovers with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from contract_cells import Cell
from contract_faults import ANSWERS, DRIPS, misbehaving
from contract_http import Answer, ask_all
from contract_processes import Service, running_fakedb

ABOUT_APPLICATIONS = True
TOTAL_LIMIT_S = 5.0
SLACK_S = 20.0  # all cells are asked at the same time, on a machine that may be busy; unbounded are 60 s
SLOW = ["slow", *DRIPS]
FAULTS = ["down", *ANSWERS, *SLOW]


@dataclass
class Databases:
    """The states that the database of all cells can be put into."""

    port: int
    log: Path

    def state(self, name: str) -> AbstractContextManager[object]:
        """Return the state `name` as a context."""
        if name == "down":
            return nullcontext()
        if name == "slow":
            return running_fakedb(self.port, sleep_ms=60_000, log=self.log)
        return misbehaving(self.port, name)

    @contextmanager
    def well(self, sleep_ms: int = 0) -> Iterator[None]:
        """Run the database as it should be."""
        with running_fakedb(self.port, sleep_ms=sleep_ms, log=self.log):
            yield


@pytest.fixture(scope="module")
def answers(
    servers: dict[Cell, Service | RuntimeError], db_port: int, log_directory: Path
) -> dict[tuple[str, Cell], Answer]:
    """Return every cell's `/api` in every state of the database.

    All cells are asked at the same time, so that a fault which takes seconds takes them once. After some
    faults a sound database runs, which leaves a connection in each pool for the next one to break.
    """
    databases = Databases(db_port, log_directory / "fakedb-faults.log")
    ports = {cell: server.port for cell, server in servers.items() if isinstance(server, Service)}
    seen: dict[tuple[str, Cell], Answer] = {}

    def ask_cells(state: str, path: str = "/api") -> None:
        got = ask_all([(port, path) for port in ports.values()])
        seen.update({(state, cell): answer for cell, answer in zip(ports, got, strict=True)})

    for fault in FAULTS:
        with databases.state(fault):
            ask_cells(fault)
            if fault == "down":
                ask_cells("page-when-down", "/")
                ask_cells("ready-when-down", "/ready")
        if fault in {"down", *SLOW}:
            with databases.well():
                ask_cells(f"well-after-{fault}")
    with databases.well(sleep_ms=1500):
        ask_cells("late-but-in-time")
    return seen


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_502(
    cell: Cell, server: Service, answers: dict[tuple[str, Cell], Answer], fault: str
) -> None:
    """A database that is down, slow or wrong makes `/api` answer 502 and say so in JSON, in bounded time.

    A slow one is given the whole limit and no more, even if no single read is slow.
    """
    assert server.process.poll() is None
    answer = answers[fault, cell]
    assert (answer.status, answer.content_type) == (502, "application/json"), answer
    told = json.loads(answer.body)
    assert list(told) == ["error"]
    assert "database" in told["error"]
    assert answer.seconds < TOTAL_LIMIT_S + SLACK_S
    if fault in SLOW:
        assert answer.seconds > TOTAL_LIMIT_S - 0.5


@pytest.mark.parametrize("state", [f"well-after-{fault}" for fault in ("down", *SLOW)] + ["late-but-in-time"])
def test_sound_database_is_used(cell: Cell, answers: dict[tuple[str, Cell], Answer], state: str) -> None:
    """The first call after the database has come back succeeds; a late answer within the limit is good."""
    answer = answers[state, cell]
    assert answer.status == 200, answer


@pytest.mark.parametrize("route", ["page-when-down", "ready-when-down"])
def test_other_routes_need_no_database(
    cell: Cell, answers: dict[tuple[str, Cell], Answer], route: str
) -> None:
    """Without a database the page and `/ready` answer as ever."""
    assert answers[route, cell].status == 200


@pytest.mark.usefixtures("answers")
def test_queued_calls_end_too(server: Service) -> None:
    """Calls at the same time to a database that is down are all refused, and nothing waits for the limit."""
    answers = ask_all([(server.port, "/api")] * 20)
    assert [answer.status for answer in answers] == [502] * 20
    assert min(answer.seconds for answer in answers) < TOTAL_LIMIT_S - 0.5
