#!/usr/bin/python
"""Ansible module: make PostgreSQL's cluster and the quotes in it; the server runs meanwhile only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod import scram
from ansible.module_utils.tripod.cluster import Cluster, ClusterError
from ansible.module_utils.tripod.databases import DATABASE, RELOAD, ROLE, wrong_rows
from ansible.module_utils.tripod.psql import Psql, PsqlError

DOCUMENTATION = """
module: tripod_cluster
short_description: make cluster, role, password, database and data; check the data; tell version and settings
description: [What the server is goes to C(postgres/server.json), too, for whoever observes the host later.]
options:
  root: {description: Tripod's directory on the host, type: str, required: true}
  bin: {description: the directory of PostgreSQL's programs, type: str, required: true}
  user: {description: the system user that owns the cluster; needed where root deploys, type: str}
  port: {description: TCP port, which names the socket, type: int, required: true}
  statements: {description: whether the server has pg_stat_statements, type: bool, required: true}
  reload: {description: whether to load the data again though they are there, type: bool, default: false}
"""

# Of quotes.sql: what checksum.sql returns once it has run.
DATA_MD5 = "920d85cd36d5e789c559ff512266671b"


class WrongDataError(Exception):
    """The data are not the quotes; the text says how to load them again."""


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
        psql.run(script=f"CREATE ROLE {ROLE} LOGIN")
        done.append("role")
    if not scram.fits(secret, present["verifier"]):
        psql.run(script=f"ALTER ROLE {ROLE} PASSWORD '{scram.verifier(secret)}'")
        done.append("password")
    if not present["database"]:
        psql.run(script=f"CREATE DATABASE {DATABASE}")
        done.append("database")
    if statements and not present["statements"]:
        psql.run(script="CREATE EXTENSION pg_stat_statements")
        done.append("pg_stat_statements")
    if reload or psql.values("loaded", database=DATABASE) != [True]:
        psql.run("quotes", database=DATABASE)
        done.append("data")
    return done


def check(psql: Psql) -> None:
    """Compare number and content of the quotes with what they must be.

    Raises:
        WrongDataError: if they differ.
        PsqlError: if they cannot be read.

    """
    rows, found = psql.values("rows", "checksum", database=DATABASE)
    wrong = wrong_rows(rows)
    if wrong is None and found != DATA_MD5:
        wrong = f"the quotes have the checksum {found}, not {DATA_MD5}; load them again: {RELOAD}"
    if wrong:
        raise WrongDataError(wrong)


def deploy(parameters: dict[str, Any]) -> dict[str, Any]:
    """Start the server, settle, check, stop; return the module's result.

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


def main() -> None:
    """Deploy, or say why not."""
    module = AnsibleModule(
        {
            "root": {"type": "str", "required": True},
            "bin": {"type": "str", "required": True},
            "user": {"type": "str"},
            "port": {"type": "int", "required": True},
            "statements": {"type": "bool", "required": True},
            "reload": {"type": "bool", "default": False},
        }
    )
    try:
        module.exit_json(**deploy(module.params))
    except (ClusterError, PsqlError, WrongDataError, OSError) as error:
        module.fail_json(msg=f"PostgreSQL: {error}")


if __name__ == "__main__":
    main()
