"""After an outage a pool full of dead connections costs one request, and the outage's end is seen at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from contract_http import Answer, ask, ask_all
from contract_processes import Service, start_app
from quotes_cluster import Cluster
from quotes_rows import POOLED

POOL = 4
OUTAGE = 8.5
"""Seconds. psycopg_pool tries to connect after 1, 3, 7 and 15 s, if it is not told to give up earlier."""

COMMANDS = [
    *(f"gunicorn -k gthread -w 1 --threads 4 {app}" for app in POOLED["wsgi"]),
    *(f"uvicorn --log-level error {app}" for app in POOLED["asgi"]),
]


@pytest.fixture(scope="module")
def apps(
    cluster: Cluster, database_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Service]]:
    """Run one process of each application that has a pool, each with all its connections open and idle."""
    cluster.load(POOL)
    sizes = {"TRIPOD_POOL_MIN": str(POOL), "TRIPOD_POOL_MAX": str(POOL)}
    logs: Path = tmp_path_factory.mktemp("recovery")
    with ExitStack() as stack:
        started = {}
        for number, command in enumerate(COMMANDS):
            log = logs / f"{number}.log"
            started[command] = start_app(command, f"tripod-{number}", log, database_environment | sizes)
            stack.callback(started[command].stop)
        for number, (command, app) in enumerate(started.items()):
            app.wait_until_ready("/ready")
            _fill_pool(cluster, f"tripod-{number}", command, app)
        yield started


def _fill_pool(cluster: Cluster, service: str, command: str, app: Service) -> None:
    deadline = time.monotonic() + 20
    while cluster.states(service) != ["idle"] * POOL:
        assert time.monotonic() < deadline, f"{command} does not fill its pool"
        with ThreadPoolExecutor(POOL) as pool:
            with cluster.connect() as connection, connection.transaction():
                connection.execute("LOCK TABLE quote IN ACCESS EXCLUSIVE MODE")
                asked = [pool.submit(ask, app.port, "/quote/") for _ in range(POOL)]
                time.sleep(0.3)  # so that all of them need a connection at the same time
            assert [future.result().status for future in asked] == [200] * POOL


@pytest.fixture(scope="module")
def answers(cluster: Cluster, apps: dict[str, Service]) -> dict[str, list[Answer]]:
    """Return, for each application, the answer of the first request in an outage, and several after it."""
    cluster.stop()
    begun = time.monotonic()
    requests = [(app.port, "/quote/") for app in apps.values()]
    seen = {command: [answer] for command, answer in zip(apps, ask_all(requests), strict=True)}
    time.sleep(max(0.0, begun + OUTAGE - time.monotonic()))
    cluster.start()
    for _ in range(2 * POOL):
        for command, answer in zip(apps, ask_all(requests), strict=True):
            seen[command].append(answer)
    return seen


@pytest.mark.parametrize("command", COMMANDS)
def test_one_failure_renews_the_pool(answers: dict[str, list[Answer]], command: str) -> None:
    """The one request that met a dead connection made the pool drop all: each one after the outage succeeds.

    None waits for an attempt to connect that is due only later: it would be 503 before that came.
    """
    first, *others = answers[command]
    assert first.status == 503
    assert [answer.status for answer in others] == [200] * (2 * POOL)
