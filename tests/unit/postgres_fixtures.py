"""Fixtures of the databases' tests: PostgreSQL as it is deployed, the embedded one and Debian's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres_server import Server, server_files


@pytest.fixture(scope="session", params=["embedded", "package"])
def deployed(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Give a deployed server of each kind; it does not run."""
    with server_files(request.param) as server:
        server.deploy()
        yield server


@pytest.fixture
def server(deployed: Server) -> Iterator[Server]:
    """Give a deployed server that runs."""
    deployed.start()
    deployed.until_ready()
    yield deployed
    deployed.stop()


@pytest.fixture
def fresh() -> Iterator[Server]:
    """Give an embedded server of its own, without a cluster."""
    with server_files("embedded") as server:
        yield server
