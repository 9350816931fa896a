"""An application that lacks its settings does not start, and says what it needs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from contract_cells import ROOT, all_cells, matrices
from free_ports import free_port

from tripod.catalogue.servers import bind_environment

MODULES = sorted({cell.module for cell in all_cells()})


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the applications' folder; of their database it knows what is given."""
    clean = {name: value for name, value in os.environ.items() if name != "TRIPOD_DB_URL"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT / "apps",
        env=clean | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def import_app(module: str, db_url: str | None) -> subprocess.CompletedProcess[str]:
    """Import an application module as its server would."""
    return python("-c", f"import {module}", **({} if db_url is None else {"TRIPOD_DB_URL": db_url}))


def test_every_module_is_in_a_matrix() -> None:
    """No application is left out of the contracts: each has a row, on one kind of database."""
    commands = [stack.command for loaded in matrices("postgres") for stack in loaded.stacks]
    quotes = {command.split()[-1].partition(":")[0] for command in commands}
    assert quotes.isdisjoint(MODULES)
    assert {path.stem for path in (ROOT / "apps").glob("*.py")} == {*MODULES, *quotes}


@pytest.mark.parametrize("module", MODULES)
def test_missing_database_url(module: str) -> None:
    """Without TRIPOD_DB_URL the import fails, and the last line names it and shows what it should be."""
    done = import_app(module, None)
    assert done.returncode != 0
    assert "TRIPOD_DB_URL is not set" in done.stderr.splitlines()[-1]
    assert "http://127.0.0.1:9000" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:9000", "https://127.0.0.1:9000", "http://127.0.0.1", "http://a:99999", "http://a:1/b?c"],
)
def test_malformed_database_url(url: str) -> None:
    """A TRIPOD_DB_URL that is no http://ADDRESS:PORT is refused; the message shows it."""
    done = import_app("sync_app", url)
    assert done.returncode != 0
    assert "TRIPOD_DB_URL is " + (repr(url) if url else "not set") in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000", "http://[::1]:9000", "http://tripod-db:9000"])
def test_good_database_url(url: str) -> None:
    """An address, an IPv6 address and a name will do; importing asks nobody anything."""
    assert import_app("sync_app", url).returncode == 0


@pytest.mark.parametrize("command", ["gunicorn -w 1 sync_app:app", "uvicorn --workers 1 async_app:app"])
def test_server_ends(command: str) -> None:
    """Under its server, such an application ends the server with an error, and the log has the message."""
    done = python("-m", *command.split(), **bind_environment(command, "127.0.0.1", free_port()))
    assert done.returncode not in {0, None}
    assert "TRIPOD_DB_URL is not set" in done.stderr
