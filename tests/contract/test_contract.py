"""Every application under every server command keeps apps/CONTRACT.md while the database is well."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import time
from importlib import metadata

import pytest
from contract_cells import ROOT, Cell
from contract_http import Answer, ask, ask_all, ask_over, connect
from contract_processes import IDENTITY_KEYS, Service, stats

from tripod.catalogue.apps import app_of

pytestmark = pytest.mark.usefixtures("database")

AT_ONCE = 20


@pytest.fixture(scope="module")
def page() -> bytes:
    """Return the page, rendered outside any server."""
    code = "import sys; from common import page; sys.stdout.buffer.write(page.render().encode())"
    env = os.environ | {"TRIPOD_DB_URL": "http://127.0.0.1:1"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "apps", env=env, check=True, capture_output=True
    ).stdout


def assert_value(answer: Answer) -> int:
    """Assert that this is a sound answer of `/api`; return its value."""
    assert answer.status == 200, answer
    assert answer.content_type == "application/json"
    match = re.fullmatch(rb'\{"value":(-?\d+)\}', answer.body)
    assert match, answer.body
    return int(match[1])


def test_page(server: Service, page: bytes) -> None:
    """`/` is the one page, to the byte, whoever serves it."""
    answer = ask(server.port, "/")
    assert (answer.status, answer.content_type) == (200, "text/html; charset=utf-8")
    assert answer.body == page
    assert page.count(b"<tr class=") == 40
    assert b"&lt;heavy&gt;" in page, "the template escapes"


def test_api_hands_on_what_the_database_gave(server: Service, database: Service) -> None:
    """`/api` makes exactly one call to the database each time, and gives its value in the agreed bytes."""
    before = stats(database)["requests"]
    values = [assert_value(ask(server.port, "/api")) for _ in range(5)]
    assert stats(database)["requests"] - before == 5
    assert len(set(values)) == 5, "the database's values are random: equal ones come from somewhere else"


def test_ready_tells_who_answers(cell: Cell, server: Service) -> None:
    """`/ready` names the service, the module, a process of this very server, its loop and its parser."""
    answer = ask(server.port, "/ready")
    assert (answer.status, answer.content_type) == (200, "application/json")
    identity = json.loads(answer.body)
    assert list(identity) == IDENTITY_KEYS
    assert identity["service"] == f"tripod-{cell.name}"
    assert identity["module"] == cell.module
    assert server.pid in {identity["pid"], identity["ppid"]}
    expected = {"loop": None, "http": "gunicorn"} | dict(cell.identity)
    if cell.module == "donkey_patched_async_app":
        expected["loop"] = "asyncio"
    assert {key: identity[key] for key in expected} == expected


def test_ready_tells_versions_and_threads(cell: Cell, server: Service) -> None:
    """Framework, server and threads are those that the plan knows of the command, with their versions."""
    identity = json.loads(ask(server.port, "/ready").body)
    app = app_of(cell.command)
    assert app is not None
    framework, version = identity["framework"].split(" ")
    assert (framework, version) == (app.framework, metadata.version(app.framework))
    program = cell.command.split()[0]
    worker = " + uvicorn " + metadata.version("uvicorn") if "UvicornWorker" in cell.command else ""
    assert identity["server"] == f"{program} {metadata.version(program)}{worker}"
    assert identity["python"] == platform.python_version()
    assert identity["threads"] == app.thread_pool


def test_every_worker_answers(cell: Cell, server: Service) -> None:
    """The processes that answer are as many as the command's workers."""
    pids: set[int] = set()
    deadline = time.monotonic() + 15
    while len(pids) < cell.workers and time.monotonic() < deadline:
        pids |= {json.loads(answer.body)["pid"] for answer in ask_all([(server.port, "/ready")] * AT_ONCE)}
    assert len(pids) == cell.workers


def test_load_sees_no_identity(cell: Cell, server: Service) -> None:
    """`/` and `/api` do not say which stack answers: the load must not depend on it."""
    for path in ("/", "/api"):
        answer = ask(server.port, path)
        told = f"{answer.headers} {answer.body!r}"
        assert f"tripod-{cell.name}" not in told
        assert cell.module not in told


@pytest.mark.parametrize("path", ["/nowhere", "/docs", "/openapi.json", "/static/x"])
def test_unknown_route(server: Service, path: str) -> None:
    """Whatever the contract does not name is 404, the frameworks' own extras too."""
    assert ask(server.port, path).status == 404


def test_connection_serves_several_requests(cell: Cell, server: Service) -> None:
    """One connection serves request after request, a HEAD too, unless the server says that it closes."""
    connection = connect(server.port)
    socket_used = None
    for method, path in [("GET", "/api"), ("HEAD", "/"), ("GET", "/nowhere"), ("GET", "/"), ("GET", "/api")]:
        answer = ask_over(connection, path, method)
        keeps = answer.headers.get("connection", "keep-alive").lower() != "close"
        assert keeps == (cell.keeps_alive), answer.headers
        if method == "HEAD":
            assert answer.status in {200, 405}
            assert answer.body == b""
        elif path == "/api":
            assert_value(answer)
        if keeps:
            assert connection.sock is not None
            assert socket_used in {None, connection.sock}, "the same connection all the time"
            socket_used = connection.sock
    connection.close()


def test_many_at_once(server: Service, page: bytes) -> None:
    """Requests that come at the same time are all answered, each with its own answer."""
    answers = ask_all([(server.port, "/api"), (server.port, "/")] * AT_ONCE)
    values = [assert_value(answer) for answer in answers[::2]]
    assert len(set(values)) == AT_ONCE
    assert {(answer.status, answer.body) for answer in answers[1::2]} == {(200, page)}


def test_calls_overlap_only_where_they_should(cell: Cell, server: Service, database: Service) -> None:
    """One worker has many calls in flight in the async and green stacks, one for each thread in all others.

    That the stupid and the donkey app are among the others is the mistake that they show.
    """
    ask(database.port, "/stats/reset", "POST")
    for answer in ask_all([(server.port, "/api")] * AT_ONCE):
        assert_value(answer)
    in_flight = stats(database)["in_flight_max"]
    if cell.overlaps:
        assert in_flight > 2 * cell.workers
    else:
        assert in_flight <= cell.at_once
        assert in_flight > cell.workers or cell.at_once == cell.workers


def test_database_connections_are_reused(cell: Cell, server: Service, database: Service) -> None:
    """Calls in turn share a connection of a worker or thread; the donkey, whose loop ends, opens one each."""
    before = stats(database)["connections_total"]
    for _ in range(10):
        assert_value(ask(server.port, "/api"))
    opened = stats(database)["connections_total"] - before - 1  # less the one that asks for the figures
    if cell.module == "donkey_patched_async_app":
        assert opened == 10
    else:
        assert opened <= cell.at_once
