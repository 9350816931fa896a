"""Every cell's server, started once and shared by all tests of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from contract_cells import Cell, all_cells
from contract_processes import (
    Service,
    fakedb_environment,
    parametrized,
    running_fakedb,
    running_servers,
    sound,
    start_app,
    tested,
)
from free_ports import free_port


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for a `cell` in all of them."""
    if "cell" in metafunc.fixturenames:
        parametrized(metafunc, "cell", all_cells())


@pytest.fixture(scope="session")
def db_port() -> int:
    """Return the port on which the servers expect their database."""
    return free_port()


@pytest.fixture(scope="session")
def log_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory for the services' output."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="package")
def servers(
    request: pytest.FixtureRequest, db_port: int, log_directory: Path
) -> Iterator[dict[Cell, Service | RuntimeError]]:
    """Start the servers of all cells that are tested; where one does not start, there is its reason."""

    def starter(cell: Cell) -> Callable[[], Service]:
        log = log_directory / f"{cell.name}.log"
        return partial(start_app, cell.command, f"tripod-{cell.name}", log, fakedb_environment(db_port))

    with running_servers({cell: starter(cell) for cell in tested(request, "cell")}) as servers:
        yield servers


@pytest.fixture
def server(cell: Cell, servers: dict[Cell, Service | RuntimeError]) -> Service:
    """Return the cell's server, ready."""
    return sound(servers[cell])


@pytest.fixture(scope="module")
def database(db_port: int, log_directory: Path) -> Iterator[Service]:
    """Run the fake database where the servers expect it, slow enough for calls to meet on a busy machine."""
    with running_fakedb(db_port, sleep_ms=80, log=log_directory / "fakedb.log") as running:
        yield running
