"""What deploy makes of PostgreSQL: once, from whatever was there, closed to all but the app host."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil

import psycopg
import pytest
from postgres_server import Server

from quotesdb import making
from quotesdb.cluster import ClusterError
from quotesdb.psql import PsqlError


def test_a_second_deploy_changes_nothing(fresh: Server) -> None:
    """The first one makes cluster, role, password, database and data; the second one finds them all."""
    first = fresh.deploy()
    assert first["made"] == ["bin", "run", "cluster", "role", "password", "database", "data"]
    assert first["changed"]
    second = fresh.deploy()
    assert (second["made"], second["changed"]) == ([], False)
    assert second["server"] == first["server"]


def test_nothing_runs_afterwards(deployed: Server) -> None:
    """Deploy stops the server that it started: neither a socket nor a PID file is left."""
    deployed.deploy()
    assert not list((deployed.home / "run").glob(".s.PGSQL.*"))
    assert not (deployed.home / "data" / "postmaster.pid").exists()


def test_the_server_as_observed(deployed: Server) -> None:
    """Version and every setting that is not the default are told, as they hold in a trial; no secret is."""
    told = deployed.deploy()["server"]
    assert re.fullmatch(r"\d+\.\d+", told["version"])
    assert told["kind"] == "postgres"
    settings = told["settings"]
    assert (settings["listen_addresses"], settings["port"]) == ("127.0.0.1", str(deployed.port))
    assert (settings["shared_buffers"], settings["max_connections"]) == ("256MB", "30")
    assert ("shared_preload_libraries" in settings) == deployed.statements
    assert deployed.password not in str(told)
    assert json.loads((deployed.home / "server.json").read_text()) == told


def test_the_password_is_nowhere_else(server: Server) -> None:
    """It is in its own file, readable to its owner only, and in no other file of the server, log included."""
    secret = server.password.encode()
    assert len(secret) >= 24
    assert (server.home / "password").stat().st_mode & 0o777 == 0o600
    with server.connect() as connection:
        connection.execute("SELECT 1")
    server.stop()
    files = [path for path in server.root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.name for path in files} >= {"server.log", "deploy.log", "postgresql.conf", "PG_VERSION"}
    assert [path.name for path in files if secret in path.read_bytes()] == ["password"]


def test_only_the_password_opens(server: Server) -> None:
    """A wrong password, no password and the administrator's name are refused over TCP."""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        server.connect(password="wrong")  # noqa: S106 - that is the test
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        server.connect(password="")
    with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
        server.connect(user="postgres", dbname="postgres")


def test_only_the_app_host_is_let_in(deployed: Server) -> None:
    """With the right password, but from another address than the app host's, a client is refused."""
    deployed.configure(app_address="127.0.0.9")
    try:
        deployed.start()
        deployed.until_ready()
        with pytest.raises(psycopg.OperationalError, match=r'no pg_hba\.conf entry for host "127\.0\.0\.1"'):
            deployed.connect()
    finally:
        deployed.stop()
        deployed.configure()


def test_applications_may_read_and_count_views(server: Server) -> None:
    """The role reads all and changes views, and nothing else."""
    with server.connect(autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM quote JOIN author ON author.id = author_id").fetchone()
        assert row == (100_000,)
        for statement in (
            "UPDATE quote SET quote_text = ''",
            "DELETE FROM quote",
            "SELECT rolpassword FROM pg_authid",
            "SELECT pg_read_file('postmaster.pid')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM quote WHERE id = 7", "99999 quotes of 100 authors, not 100000 of 100"),
        ("UPDATE quote SET quote_text = 'other' WHERE id = 7", "the quotes have the checksum "),
        ("UPDATE author SET name = 'other' WHERE id = 7", "the quotes have the checksum "),
        ("ALTER TABLE quote DROP COLUMN quote_text", 'column "quote_text" does not exist'),
    ],
)
def test_wrong_data_are_refused_until_reloaded(deployed: Server, damage: str, told: str) -> None:
    """Deploy refuses data that are there and wrong, naming what it found; with reload it makes them right."""
    deployed.start()
    deployed.until_ready()
    deployed.psql(damage)
    deployed.stop()
    with pytest.raises((making.WrongDataError, PsqlError), match=told) as refused:
        deployed.deploy()
    assert isinstance(refused.value, making.FAULTS)  # which the module tells as text, not as a traceback
    assert not (deployed.home / "data" / "postmaster.pid").exists()
    assert deployed.deploy(reload=True)["made"] == ["data"]
    assert deployed.deploy()["made"] == []


def test_an_interrupted_load_is_loaded_again(deployed: Server) -> None:
    """A database without its tables is filled; views that trials added are no reason to load."""
    deployed.start()
    deployed.until_ready()
    deployed.psql("UPDATE quote SET views = 5 WHERE id = 1")
    deployed.stop()
    assert deployed.deploy()["made"] == []
    deployed.start()
    deployed.until_ready()
    deployed.psql("DROP TABLE quote")
    deployed.stop()
    assert deployed.deploy()["made"] == ["data"]


def test_a_lost_password_is_made_anew(fresh: Server) -> None:
    """Where the password's file is gone, the role gets another one, which opens."""
    fresh.deploy()
    old = fresh.password
    (fresh.home / "password").unlink()
    assert fresh.deploy()["made"] == ["password"]
    assert fresh.password != old
    fresh.start()
    fresh.until_ready()
    fresh.connect().close()


@pytest.mark.parametrize("damage", ["version", "interrupted", "nothing"])
def test_a_cluster_that_does_not_fit_is_made_anew(fresh: Server, damage: str) -> None:
    """Of another version, half made, or removed: the data are generated, so the cluster is made again."""
    fresh.deploy()
    data = fresh.home / "data"
    if damage == "version":
        (data / "PG_VERSION").write_text("9\n")
    elif damage == "interrupted":
        data.rename(fresh.home / "data.new")
    else:
        shutil.rmtree(data)
    assert fresh.deploy()["made"] == ["cluster", "role", "password", "database", "data"]
    assert not (fresh.home / "data.new").exists()


def test_a_server_that_still_runs_is_stopped_first(fresh: Server) -> None:
    """A server that an interrupted run left is no obstacle."""
    fresh.deploy()
    fresh.start()
    fresh.until_ready()
    process = fresh.process
    assert process is not None
    assert fresh.deploy()["made"] == []
    assert process.wait(timeout=5) == 0


def test_a_server_that_cannot_start_says_why(fresh: Server) -> None:
    """A setting that the server refuses ends deploy with the server's own words."""
    fresh.deploy()
    with (fresh.home / "conf" / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = 'much'\n")
    with pytest.raises(ClusterError, match='invalid value for parameter "shared_buffers": "much"'):
        fresh.deploy()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can deploy for another user")
def test_root_needs_a_user_to_run_it_as(fresh: Server) -> None:
    """Root's server runs as somebody else; without one, deploy refuses before it makes anything."""
    fresh.user = None
    with pytest.raises(ClusterError, match="there is no user None that PostgreSQL could run as"):
        fresh.deploy()
    assert not (fresh.home / "data").exists()


def test_the_cluster_is_its_users(deployed: Server) -> None:
    """The data belong to the user that the server runs as, and nobody else may look at them."""
    known = (deployed.home / "data").stat()
    assert known.st_mode & 0o777 == 0o700
    assert known.st_uid != 0
    assert known.st_uid == (pwd.getpwnam(deployed.user).pw_uid if deployed.user else os.geteuid())
