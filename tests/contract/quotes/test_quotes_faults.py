"""No connection in time, or none at all: 503 in bounded time, nothing lost, well again with the database."""

from __future__ import annotations

import json

import pytest
from contract_http import Answer
from contract_processes import Service
from quotes_cluster import Cluster
from quotes_rows import POOL_MAX, POOL_TIMEOUT, WORKERS, Row
from quotes_states import AT_ONCE, HELD, States

ABOUT_APPLICATIONS = True
CONNECT_LIMIT_S = 2.0
SLACK_S = 20.0  # all rows are asked at the same time, on a machine that may be busy


@pytest.fixture(scope="module")
def states(
    cluster: Cluster,
    row_servers: dict[Row, Service | RuntimeError],
    few_quotes: int,  # noqa: ARG001 - only its effect is needed
) -> States:
    """Return what all rows answered in all states."""
    sound = {row: server for row, server in row_servers.items() if isinstance(server, Service)}
    return States(cluster, sound)


def assert_unavailable(answer: Answer) -> None:
    """Assert that this is a 503 that says what failed."""
    assert (answer.status, answer.content_type) == (503, "application/json"), answer
    told = json.loads(answer.body)
    assert list(told) == ["error"]
    assert told["error"].startswith("the database cannot be asked: ")


@pytest.mark.usefixtures("server")
def test_exhausted_pool(row: Row, states: States) -> None:
    """Who waits too long for a connection gets 503 then; who has one, and who comes later, is answered."""
    answers = states.answers["exhausted", row]
    refused = [answer for answer in answers if answer.status != 200]
    for answer in refused:
        assert_unavailable(answer)
        assert POOL_TIMEOUT - 0.1 < answer.seconds < POOL_TIMEOUT + SLACK_S
    assert max(answer.seconds for answer in answers) < HELD + SLACK_S
    assert [answer.status for answer in states.answers["after exhausted", row]] == [200] * AT_ONCE
    if not row.pooled:
        assert refused == []
    elif row.slots:  # however unevenly the workers shared them, one had more threads than connections
        assert len(refused) >= 1
    else:
        assert len(refused) >= AT_ONCE - WORKERS * POOL_MAX


@pytest.mark.usefixtures("server")
def test_refused_connection(row: Row, states: States) -> None:
    """If PostgreSQL takes no connection, an application without a pool is 503 at once; pools have some."""
    for answer in states.answers["refused", row]:
        if row.pooled:
            assert answer.status == 200
        else:
            assert_unavailable(answer)
            assert "too many connections" in json.loads(answer.body)["error"]
            assert answer.seconds < SLACK_S
    assert [answer.status for answer in states.answers["after refused", row]] == [200, 200]


@pytest.mark.usefixtures("server")
def test_silent_database(row: Row, states: States) -> None:
    """Connecting is given up after 2 s; a pool that is warm does not notice."""
    (answer,) = states.answers["silent", row]
    if row.pooled:
        assert answer.status == 200
    else:
        assert_unavailable(answer)
        assert CONNECT_LIMIT_S - 0.1 < answer.seconds < CONNECT_LIMIT_S + SLACK_S
    assert [answer.status for answer in states.answers["after silent", row]] == [200, 200]


@pytest.mark.usefixtures("server")
def test_clients_that_go_away(row: Row, states: States) -> None:
    """A client that leaves takes no connection with it, and leaves none in a transaction."""
    sessions = states.sessions["left", row]
    if row.pooled:
        assert set(sessions) == {"idle"}
        assert len(sessions) <= WORKERS * POOL_MAX
    else:
        assert sessions == []
    assert [answer.status for answer in states.answers["after left", row]] == [200] * AT_ONCE


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("state", ["stopped", "away: quote", "away: view"])
def test_database_is_away(row: Row, states: States, state: str) -> None:
    """A database that stops under a request, or is away, makes it 503 in bounded time."""
    for answer in states.answers[state, row]:
        assert_unavailable(answer)
        assert answer.seconds < POOL_TIMEOUT + SLACK_S


@pytest.mark.parametrize("route", ["home", "ready"])
def test_other_routes_need_no_database(row: Row, server: Service, states: States, route: str) -> None:
    """Without a database the static page and `/ready` answer as ever; no server has ended."""
    assert server.process.poll() is None
    for answer in states.answers[f"away: {route}", row]:
        assert answer.status == 200
        assert answer.seconds < SLACK_S


@pytest.mark.usefixtures("server")
def test_database_is_back(row: Row, states: States) -> None:
    """When the database is back, each worker fails one request at most, if at all; then all are answered."""
    answers = states.answers["back", row]
    failed = [answer for answer in answers if answer.status != 200]
    for answer in failed:
        assert_unavailable(answer)
    assert len(failed) <= (WORKERS if row.pooled else 0)
    after = states.answers["after back", row]
    assert [answer.status for answer in after].count(200) >= AT_ONCE - (WORKERS - len(failed))
