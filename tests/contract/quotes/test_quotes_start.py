"""A quote application that lacks its settings does not start; one that is loaded before the fork works."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from contract_cells import ROOT
from contract_http import ask, ask_all
from contract_processes import Service, start_app
from quotes_cluster import Cluster
from quotes_rows import POOL_MAX, POOLED, all_rows

SETTINGS = "common.postgres"  # what all of them import
MODULES = sorted({row.module for row in all_rows()})
GOOD = "postgresql://tripod@127.0.0.1:5432/tripod"
PRELOADED = [
    *(
        f"gunicorn --preload -k gthread -w 2 --threads 3 {app}"
        for app in ("django_unpooled:wsgi", *POOLED["wsgi"])
    ),
    *(f"gunicorn --preload -k uvicorn_worker.UvicornWorker -w 2 {app}" for app in POOLED["asgi"]),
]


def import_app(module: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Import an application module as its server would, with no other TRIPOD_ variables than these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRIPOD_")}
    return subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        cwd=ROOT / "apps",
        env=clean | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("module", MODULES)
def test_missing_database_url(module: str) -> None:
    """Without TRIPOD_DB_URL the import fails, and the last line names it and shows what it should be."""
    done = import_app(module)
    assert done.returncode != 0
    assert "TRIPOD_DB_URL is not set" in done.stderr.splitlines()[-1]
    assert GOOD in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("module", MODULES)
def test_importing_needs_no_database(module: str) -> None:
    """An application can be imported where no database is: it connects when it is asked to."""
    assert import_app(module, TRIPOD_DB_URL="postgresql://tripod@127.0.0.1:1/tripod").returncode == 0


@pytest.mark.parametrize("command", [command.replace("--preload ", "") for command in PRELOADED])
def test_starting_needs_no_database(command: str, tmp_path: Path) -> None:
    """A server starts without its database: it is ready, and says of a quote that it cannot be had."""
    nowhere = {"TRIPOD_DB_URL": "postgresql://tripod@127.0.0.1:1/tripod", "TRIPOD_POOL_TIMEOUT": "1"}
    app = start_app(command, "tripod-alone", tmp_path / "log", nowhere)
    try:
        app.wait_until_ready("/ready")
        assert ask(app.port, "/quote/").status == 503
        assert ask(app.port, "/").status == 200
    finally:
        app.stop()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000",
        "postgresql://127.0.0.1:5432/tripod",
        "postgresql://tripod@127.0.0.1/tripod",
        "postgresql://tripod@127.0.0.1:5432",
        "postgresql://tripod@127.0.0.1:5432/",
        "postgresql://tripod@127.0.0.1:99999/tripod",
        "postgresql://tripod@127.0.0.1:5432/tripod?sslmode=disable",
        "postgresql://tripod@/tripod",
    ],
)
def test_malformed_database_url(url: str) -> None:
    """A TRIPOD_DB_URL that says too little or too much is refused; the message shows it."""
    done = import_app(SETTINGS, TRIPOD_DB_URL=url)
    assert done.returncode != 0
    assert f"TRIPOD_DB_URL is {url!r}: expected {GOOD}" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("url", [GOOD, GOOD.replace("127.0.0.1", "[::1]"), GOOD.replace("127.0.0.1", "db")])
def test_good_database_url(url: str) -> None:
    """An address, an IPv6 address and a name will do."""
    assert import_app(SETTINGS, TRIPOD_DB_URL=url).returncode == 0


def test_password_in_the_url_is_not_told() -> None:
    """A password in TRIPOD_DB_URL is refused; the message says where it belongs, and does not repeat it."""
    done = import_app(SETTINGS, TRIPOD_DB_URL="postgresql://tripod:s3cr3t@127.0.0.1:5432/tripod")
    assert done.returncode != 0
    assert "PGPASSFILE" in done.stderr.splitlines()[-1]
    assert "s3cr3t" not in done.stderr


@pytest.mark.parametrize(
    ("smallest", "largest", "named"),
    [
        ("0", "15", "TRIPOD_POOL_MIN is '0'"),
        ("5", "many", "TRIPOD_POOL_MAX is 'many'"),
        ("5", "-1", "TRIPOD_POOL_MAX is '-1'"),
        ("1.5", "15", "TRIPOD_POOL_MIN is '1.5'"),
        ("16", "15", "TRIPOD_POOL_MIN is 16: expected at most TRIPOD_POOL_MAX, 15"),
    ],
)
def test_bad_pool_sizes(smallest: str, largest: str, named: str) -> None:
    """Pool sizes are whole numbers above 0, the smaller one first; the message names the one that is not."""
    sizes = {"TRIPOD_POOL_MIN": smallest, "TRIPOD_POOL_MAX": largest}
    done = import_app(SETTINGS, TRIPOD_DB_URL=GOOD, **sizes)
    assert done.returncode != 0
    assert named in done.stderr.splitlines()[-1]


def test_defaults() -> None:
    """Where nothing is said, pools hold 5 to 15 connections, for which a request waits 15 s at most."""
    code = "print(postgres.POOL_MIN, postgres.POOL_MAX, postgres.POOL_TIMEOUT)"
    assert import_app(f"{SETTINGS} as postgres; {code}", TRIPOD_DB_URL=GOOD).stdout.split() == [
        "5",
        "15",
        "15",
    ]


def wait_for_workers(app: Service) -> list[psutil.Process]:
    """Return the worker processes as soon as there are two; they are not forked at the same moment."""
    deadline = time.monotonic() + 15
    while len(workers := psutil.Process(app.pid).children()) < 2:
        assert time.monotonic() < deadline, "a worker is missing"
        time.sleep(0.05)
    return workers


def database_sockets(pid: int, port: int) -> set[tuple[str, int]]:
    """Return the local ends of a process's connections to the database."""
    return {
        tuple(c.laddr) for c in psutil.Process(pid).net_connections("tcp") if c.raddr and c.raddr.port == port
    }


@pytest.mark.usefixtures("few_quotes")
@pytest.mark.parametrize("command", PRELOADED)
def test_pools_are_made_after_the_fork(
    command: str, cluster: Cluster, database_environment: dict[str, str], tmp_path: Path
) -> None:
    """With `--preload` the main process connects to no database, and no two workers share a connection."""
    app = start_app(command, "tripod-preload", tmp_path / "log", database_environment)
    try:
        app.wait_until_ready("/ready")
        workers = [worker.pid for worker in wait_for_workers(app)]
        for _ in range(3):
            answers = ask_all([(app.port, "/quote/")] * 12)
            assert [answer.status for answer in answers] == [200] * 12
        assert database_sockets(app.pid, cluster.port) == set()
        held = [database_sockets(worker, cluster.port) for worker in workers]
        deadline = time.monotonic() + 5
        # one without a pool closes its connection after the answer has left
        while "unpooled" in command and any(held) and time.monotonic() < deadline:
            time.sleep(0.05)
            held = [database_sockets(worker, cluster.port) for worker in workers]
        assert all(len(sockets) <= POOL_MAX for sockets in held)
        assert held[0].isdisjoint(held[1])
        assert ("unpooled" in command) == (not any(held))
    finally:
        app.stop()
