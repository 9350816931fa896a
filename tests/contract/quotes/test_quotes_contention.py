"""64 clients at once: no deadlock, no lost update, no connection too many."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from contract_http import Answer, ask_over, connect
from contract_processes import Service
from quotes_cluster import Cluster
from quotes_log import errors
from quotes_rows import Row

ABOUT_APPLICATIONS = True
CLIENTS = 64
REQUESTS = 3


def most_sessions(row: Row) -> int:
    """Return how many sessions a row may have at once.

    A session ends a moment after its connection is closed, when the next one may be there already: without a
    pool, and in SQLAlchemy's, which closes those beyond its minimum.
    """
    connections = row.connections or CLIENTS
    keeps_its_connections = row.pooled and "sqlalchemy" not in row.module
    return connections if keeps_its_connections else 2 * connections


def ask_repeatedly(port: int, method: str, path: str) -> list[Answer]:
    """Ask a few times over one connection."""
    with closing(connect(port)) as connection:
        return [ask_over(connection, path, method) for _ in range(REQUESTS)]


@contextmanager
def watched(cluster: Cluster, service: str) -> Iterator[list[int]]:
    """Count the service's sessions again and again; the numbers are in the list that is given."""
    seen: list[int] = []
    stop = threading.Event()
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"

    with cluster.connect() as connection:

        def watch() -> None:
            while not (seen and stop.wait(0.02)):
                seen.extend(count for (count,) in connection.execute(query, [service]).fetchall())

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield seen
        finally:
            stop.set()
            thread.join()


@pytest.mark.usefixtures("few_quotes")
@pytest.mark.parametrize(("method", "path"), [("POST", "/quote/view"), ("GET", "/quote/")])
def test_many_clients(row: Row, server: Service, cluster: Cluster, method: str, path: str) -> None:
    """All are answered; the view counts rise by exactly the number of POSTs; the connections stay in bounds.

    The quotes are fewer than the clients, so that the locks are contended: each count that was answered was
    answered once.
    """
    before = dict(cluster.rows("SELECT id, views FROM quote"))
    assert len(before) < CLIENTS
    cluster.news()
    with watched(cluster, row.service) as sessions, ThreadPoolExecutor(CLIENTS) as pool:
        asked = [pool.submit(ask_repeatedly, server.port, method, path) for _ in range(CLIENTS)]
        answers = [answer for future in asked for answer in future.result()]
    assert Counter(answer.status for answer in answers) == {200: CLIENTS * REQUESTS}
    assert errors(cluster.news()) == [], "the database met an error, a deadlock for instance"
    assert max(sessions) <= most_sessions(row)
    after = dict(cluster.rows("SELECT id, views FROM quote"))
    if method == "GET":
        assert after == before
        return
    counted = [(told["id"], told["views"]) for told in (json.loads(answer.body) for answer in answers)]
    expected = [(quote, views) for quote in before for views in range(before[quote] + 1, after[quote] + 1)]
    assert sorted(counted) == sorted(expected)
