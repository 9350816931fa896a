"""One PostgreSQL and every row's server, started once and shared by all tests of the quote applications."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from contract_processes import Service, parametrized, running_servers, sound, start_app, tested
from quotes_cluster import Cluster
from quotes_rows import POOL_MAX, POOL_MIN, POOL_TIMEOUT, Row, all_rows

SMALL = 40
"""Quotes where the size does not matter: so few that 64 clients meet in the same rows."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for a `row` in all of them."""
    if "row" in metafunc.fixturenames:
        parametrized(metafunc, "row", all_rows())


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Run PostgreSQL, in a directory that an unprivileged user can enter."""
    directory = Path(tempfile.mkdtemp(prefix="tripod-postgres-"))
    if os.geteuid() == 0:
        directory.chmod(0o755)
    running = Cluster(directory)
    try:
        running.start()
        running.create()
        running.load()
        yield running
    finally:
        running.stop()
        shutil.rmtree(directory)


@pytest.fixture(scope="package")
def database_environment(cluster: Cluster) -> dict[str, str]:
    """Return what an application is told of its database."""
    return cluster.environment | {
        "TRIPOD_POOL_MIN": str(POOL_MIN),
        "TRIPOD_POOL_MAX": str(POOL_MAX),
        "TRIPOD_POOL_TIMEOUT": str(POOL_TIMEOUT),
    }


@pytest.fixture(scope="package")
def row_servers(
    request: pytest.FixtureRequest,
    database_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[Row, Service | RuntimeError]]:
    """Start the servers of all rows that are tested; where one does not start, there is its reason."""
    logs = tmp_path_factory.mktemp("logs")

    def starter(row: Row) -> Callable[[], Service]:
        return partial(start_app, row.command, row.service, logs / f"{row.name}.log", database_environment)

    with running_servers({row: starter(row) for row in tested(request, "row")}) as servers:
        yield servers


@pytest.fixture
def server(row: Row, row_servers: dict[Row, Service | RuntimeError]) -> Service:
    """Return the row's server, ready."""
    return sound(row_servers[row])


@pytest.fixture(scope="module")
def few_quotes(cluster: Cluster) -> int:
    """Leave few quotes in the table; return how many."""
    cluster.load(SMALL)
    return SMALL


@pytest.fixture(scope="module")
def all_quotes(cluster: Cluster) -> None:
    """Have all quotes in the table."""
    cluster.load()
