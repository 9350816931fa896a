"""What arrives at the database: the same questions from every application, as many as CONTRACT.md says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection

import pytest
from contract_cells import ROOT
from contract_http import ask_over, connect
from contract_processes import Service
from quotes_cluster import Cluster
from quotes_log import errors, opened, statements
from quotes_rows import WORKERS, Row

pytestmark = pytest.mark.usefixtures("few_quotes")

RANDOM_QUOTE = (
    "select author.id, author.name, quote.author_id, quote.id, quote.quote_text, quote.views"
    " from quote join author on author.id = quote.author_id order by random limit 1"
)
LOCK = "select quote.id, quote.views from quote order by random limit 1 for update"
ADD_VIEW = "update quote set views = views + 1 where id = {}"
TRIES = 10
WARM = 3


def claims(route: str) -> dict[str, list[str]]:
    """Return, for each module, the statements that CONTRACT.md claims for a request of this route."""
    column = {"GET /quote/": 1, "POST /quote/view": 2}[route]
    text = (ROOT / "apps" / "CONTRACT.md").read_text(encoding="utf-8")
    lines = re.search(r"\| module \| `GET /quote/` \| `POST /quote/view` \|\n\|[-|]+\n((?:\|.*\n)+)", text)
    assert lines is not None, "the table of statements is not where it was"
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[1].splitlines()]
    return {module: row[column].split(", ") for row in rows for module in re.findall(r"`(\w+)`", row[0])}


@contextmanager
def warm_workers(server: Service) -> Iterator[list[HTTPConnection]]:
    """Hold a connection to each worker, whose pool has opened what it opens at first.

    They ask several at once: one that is busy leaves the next connection to another.
    """
    held: dict[int, HTTPConnection] = {}
    with ExitStack() as stack:
        for _ in range(25):
            at_once = [stack.enter_context(closing(connect(server.port))) for _ in range(4)]
            for connection in at_once:
                connection.request("GET", "/ready")
            for connection in at_once:
                held.setdefault(json.loads(connection.getresponse().read())["pid"], connection)
            if len(held) == WORKERS:
                break
        assert len(held) == WORKERS, "a worker never answered"
        for connection in held.values():
            # Other tests stop the database. After that, a process's first request may fail (CONTRACT.md).
            assert ask_over(connection, "/quote/").status in {200, 503}
            for method, path in [("GET", "/quote/"), ("POST", "/quote/view")] * WARM:
                assert ask_over(connection, path, method).status == 200
        yield list(held.values())


def test_quote_asks_once(row: Row, server: Service, cluster: Cluster) -> None:
    """`GET /quote/` makes one query, the same in every application, within the statements claimed for it.

    The one without LIMIT asks for all quotes, which is its bug.
    """
    query = RANDOM_QUOTE.removesuffix(" limit 1") if "no_limit" in row.module else RANDOM_QUOTE
    expected = [claimed.lower() for claimed in claims("GET /quote/")[row.module]]
    with warm_workers(server) as workers:
        for worker in workers:
            cluster.news()
            assert ask_over(worker, "/quote/").status == 200
            seen = statements(cluster.news(), row.service)
            assert [statement.split()[0] for statement in seen] == expected
            assert [statement for statement in seen if statement.startswith("select")] == [query]


def test_view_asks_twice_in_one_transaction(row: Row, server: Service, cluster: Cluster) -> None:
    """`POST /quote/view` locks one row, of `quote` alone, and updates that one in the same transaction."""
    with warm_workers(server) as workers:
        for worker in workers:
            cluster.news()
            answer = ask_over(worker, "/quote/view", "POST")
            seen = statements(cluster.news(), row.service)
            assert seen == ["begin", LOCK, ADD_VIEW.format(json.loads(answer.body)["id"]), "commit"]
    assert claims("POST /quote/view")[row.module] == ["BEGIN", "SELECT", "UPDATE", "COMMIT"]


def test_connections_per_request(row: Row, server: Service, cluster: Cluster) -> None:
    """Without a pool each request opens one connection, and closes it; with one, none is opened any more."""
    with warm_workers(server) as workers:
        cluster.news()
        for worker in workers:
            for _ in range(TRIES):
                assert ask_over(worker, "/quote/").status == 200
                assert ask_over(worker, "/quote/view", "POST").status == 200
        news = cluster.news()
    assert errors(news) == []
    assert opened(news, row.service) == (0 if row.pooled else 2 * TRIES * WORKERS)
    left = cluster.states(row.service)
    assert set(left) <= {"idle"}, "a session is left in a transaction"
    if row.pooled:
        assert row.connections is not None
        assert WORKERS <= len(left) <= row.connections
    else:
        assert left == []


def test_other_routes_need_no_connection(row: Row, server: Service, cluster: Cluster) -> None:
    """`/`, `/ready` and unknown paths ask the database nothing, and open no connection."""
    with warm_workers(server) as workers:
        cluster.news()
        for worker in workers:
            for path in ("/", "/ready", "/nowhere"):
                ask_over(worker, path)
        news = cluster.news()
    assert (opened(news, row.service), statements(news, row.service)) == (0, [])


def test_the_matrices_say_which_have_pools(row: Row) -> None:
    """`pool: none` stands in a matrix beside exactly those applications that have none."""
    assert row.pooled == (row.module != "django_unpooled")
