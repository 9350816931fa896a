"""Every quote application under every server command keeps apps/CONTRACT.md while the database is well."""

from __future__ import annotations

import json
import platform
import re
import time
from importlib import metadata

import pytest
from contract_http import Answer, ask, ask_all, ask_over, connect
from contract_processes import IDENTITY_KEYS, Service
from quotes_cluster import Cluster
from quotes_rows import WORKERS, Row

from tripod.catalogue.apps import app_of

PLAIN = "text/plain; charset=utf-8"
HOME = b"Tripod: quotes\n"
# md5 over what quotes.sql makes: (id, quote_text, author_id) and (id, name), in the order of the ids
CHECKSUMS = ("578f683e5963c35f210935e88bdf3d57", "48a6ee7262f8365cb5f4f58eba242392")


def assert_quote(answer: Answer, cluster: Cluster) -> str:
    """Assert that this is a quote of the table and its author; return the quote."""
    assert (answer.status, answer.content_type) == (200, PLAIN), answer
    text, empty, author = answer.body.decode().split("\n")
    assert empty == ""
    found = cluster.rows(
        "SELECT a.name FROM quote q JOIN author a ON a.id = q.author_id WHERE quote_text = %s", text
    )
    assert found == [(author,)]
    return text


@pytest.mark.usefixtures("all_quotes")
def test_the_quotes_are_the_same_everywhere(cluster: Cluster) -> None:
    """quotes.sql makes 100 authors with 1,000 quotes each, with the texts that it has always made."""
    (counted,) = cluster.rows(
        "SELECT count(*), count(DISTINCT author_id), count(DISTINCT quote_text) FROM quote"
    )
    assert counted == (100_000, 100, 100_000)
    assert cluster.rows("SELECT DISTINCT count(*) FROM quote GROUP BY author_id") == [(1000,)]
    quotes = "SELECT md5(string_agg(concat_ws('|', id, quote_text, author_id), E'\n' ORDER BY id)) FROM quote"
    authors = "SELECT md5(string_agg(concat_ws('|', id, name), E'\n' ORDER BY id)) FROM author"
    assert (*cluster.rows(quotes), *cluster.rows(authors)) == tuple((checksum,) for checksum in CHECKSUMS)


@pytest.mark.usefixtures("all_quotes")
def test_applications_cannot_change_the_quotes(cluster: Cluster) -> None:
    """The applications' role may read everything and count views, and nothing else."""
    rights = cluster.rows(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges"
        " WHERE grantee = 'tripod' ORDER BY 1"
    )
    assert rights == [("author", "SELECT"), ("quote", "SELECT")]
    columns = cluster.rows(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'tripod' AND privilege_type <> 'SELECT'"
    )
    assert columns == [("quote", "views")]


@pytest.mark.usefixtures("all_quotes")
def test_quote(server: Service, cluster: Cluster) -> None:
    """`GET /quote/` is a quote of the whole table and its author."""
    assert_quote(ask(server.port, "/quote/"), cluster)


@pytest.mark.usefixtures("all_quotes")
def test_view(server: Service, cluster: Cluster) -> None:
    """`POST /quote/view` adds one to the count of the quote that it names, and answers the new count."""
    before = cluster.views()
    answer = ask(server.port, "/quote/view", "POST")
    assert (answer.status, answer.content_type) == (200, "application/json")
    match = re.fullmatch(rb'\{"id":(\d+),"views":(\d+)\}', answer.body)
    assert match, answer.body
    assert cluster.rows("SELECT views FROM quote WHERE id = %s", int(match[1])) == [(int(match[2]),)]
    assert cluster.views() == before + 1


def test_home(server: Service) -> None:
    """`/` is the same static text, whoever serves it."""
    answer = ask(server.port, "/")
    assert (answer.status, answer.content_type, answer.body) == (200, PLAIN, HOME)


def test_ready_tells_who_answers(row: Row, server: Service) -> None:
    """`/ready` names the service, the module, a process of this server, its loop, parser and versions."""
    answer = ask(server.port, "/ready")
    assert (answer.status, answer.content_type) == (200, "application/json")
    identity = json.loads(answer.body)
    assert list(identity) == IDENTITY_KEYS
    app = app_of(row.command)
    assert app is not None
    assert identity["framework"] == f"{app.framework} {metadata.version(app.framework)}"
    assert identity["server"].split(" ")[0] == row.command.split()[0]
    assert (identity["python"], identity["threads"]) == (platform.python_version(), None)
    assert (identity["service"], identity["module"]) == (row.service, row.module)
    assert server.pid in {identity["pid"], identity["ppid"]}
    expected = {"loop": None, "http": "gunicorn"} | dict(row.identity)
    assert {key: identity[key] for key in expected} == expected


def test_every_worker_answers(server: Service) -> None:
    """The processes that answer are as many as the command's workers."""
    pids: set[int] = set()
    deadline = time.monotonic() + 15
    while len(pids) < WORKERS and time.monotonic() < deadline:
        pids |= {json.loads(answer.body)["pid"] for answer in ask_all([(server.port, "/ready")] * 10)}
    assert len(pids) == WORKERS


@pytest.mark.usefixtures("few_quotes")
def test_quotes_are_random(server: Service, cluster: Cluster) -> None:
    """Each request gets a quote of its own choice: of 40 quotes, 20 requests see at least 8."""
    assert len({assert_quote(ask(server.port, "/quote/"), cluster) for _ in range(20)}) >= 8


@pytest.mark.usefixtures("few_quotes")
def test_load_sees_no_identity(row: Row, server: Service) -> None:
    """No answer but that of `/ready` says which stack it comes from: the load must not depend on it."""
    for method, path in (("GET", "/"), ("GET", "/quote/"), ("POST", "/quote/view")):
        answer = ask(server.port, path, method)
        assert answer.status == 200
        told = f"{answer.headers} {answer.body!r}"
        assert row.service not in told
        assert row.module not in told


@pytest.mark.parametrize("path", ["/nowhere", "/quote/1", "/docs", "/openapi.json", "/static/x"])
def test_unknown_route(server: Service, path: str) -> None:
    """Whatever the contract does not name is 404, the frameworks' own extras too."""
    assert ask(server.port, path).status == 404


@pytest.mark.parametrize(("method", "path"), [("GET", "/quote/view"), ("POST", "/quote/"), ("POST", "/")])
def test_wrong_method(server: Service, method: str, path: str) -> None:
    """A view is counted by POST alone, and everything else is answered to GET alone."""
    assert ask(server.port, path, method).status == 405


@pytest.mark.usefixtures("few_quotes")
def test_connection_serves_several_requests(server: Service, cluster: Cluster) -> None:
    """One connection serves request after request, and each answer says how long it is."""
    connection = connect(server.port)
    used = None
    for method, path in [
        ("GET", "/quote/"),
        ("GET", "/nowhere"),
        ("POST", "/quote/view"),
        ("GET", "/quote/"),
    ]:
        answer = ask_over(connection, path, method)
        assert connection.sock is not None
        assert used in {None, connection.sock}, "the same connection all the time"
        used = connection.sock
        if path != "/nowhere":
            assert int(answer.headers["content-length"]) == len(answer.body)
        if path == "/quote/":
            assert_quote(answer, cluster)
    connection.close()
