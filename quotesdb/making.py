"""Makes PostgreSQL's cluster and the quotes in it; the server runs meanwhile only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from quotesdb import data, scram
from quotesdb.cluster import Cluster, ClusterError
from quotesdb.psql import Psql, PsqlError


class WrongDataError(Exception):
    """The data are not the quotes; the text says how to load them again."""


FAULTS = (ClusterError, PsqlError, WrongDataError, OSError)
"""What `deploy` raises; the text of each says what went wrong."""


def password(path: Path) -> str:
    """Return the password of the applications' role, made once and readable to its owner only."""
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
        fresh.rename(path)
    return path.read_text(encoding="ascii")


def settle(psql: Psql, *, statements: bool, reload: bool) -> list[str]:
    """Make what is missing in a running server; return what was made.

    Raises:
        PsqlError: if a statement fails.

    """
    done = []
    (present,) = psql.values("present")
    secret = password(psql.home / "password")
    if not present["role"]:
        psql.run(script=f"CREATE ROLE {data.ROLE} LOGIN")
        done.append("role")
    if not scram.fits(secret, present["verifier"]):
        psql.run(script=f"ALTER ROLE {data.ROLE} PASSWORD '{scram.verifier(secret)}'")
        done.append("password")
    if not present["database"]:
        psql.run(script=f"CREATE DATABASE {data.DATABASE}")
        done.append("database")
    if statements and not present["statements"]:
        psql.run(script="CREATE EXTENSION pg_stat_statements")
        done.append("pg_stat_statements")
    if reload or psql.values("loaded", database=data.DATABASE) != [True]:
        psql.run("quotes", database=data.DATABASE)
        done.append("data")
    return done


def check(psql: Psql) -> None:
    """Compare number and content of the quotes with what they must be.

    Raises:
        WrongDataError: if they differ.
        PsqlError: if they cannot be read.

    """
    rows, found = psql.values("rows", "checksum", database=data.DATABASE)
    wrong = data.wrong_rows(rows)
    if wrong is None and found != data.MD5:
        wrong = f"the quotes have the checksum {found}, not {data.MD5}; load them again: {data.RELOAD}"
    if wrong:
        raise WrongDataError(wrong)


def deploy(parameters: dict[str, Any]) -> dict[str, Any]:
    """Start the server, settle, check, stop; return what was made, as the Ansible module tells it.

    Raises:
        ClusterError: if the server's own programs fail.
        PsqlError: if a statement fails.
        WrongDataError: if the data are there and wrong.

    """
    cluster = Cluster(parameters["root"], parameters["user"])
    psql = Psql(parameters["root"], parameters["port"])
    done = cluster.lay_out(parameters["bin"])
    cluster.stop()
    if not cluster.fits():
        cluster.make()
        done.append("cluster")
    cluster.start()
    try:
        done += settle(psql, statements=parameters["statements"], reload=parameters["reload"])
        check(psql)
        (server,) = psql.values("server")
    finally:
        cluster.stop()
    observed = psql.home / "server.json"
    observed.write_text(json.dumps(server, indent=2), encoding="utf-8")
    observed.chmod(0o644)
    return {"changed": bool(done), "made": done, "server": server}
