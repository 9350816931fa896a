"""A PostgreSQL server of the test's own: the wheel's programs, a log of every statement, and nothing kept."""

from __future__ import annotations

import itertools
import json
import os
import pwd
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from contract_cells import ROOT
from embedded_postgres import programs
from free_ports import free_port

START_LIMIT = 30.0
MAX_CONNECTIONS = 200
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": str(MAX_CONNECTIONS),
    "fsync": "off",
    "timezone": "Asia/Tokyo",  # not the applications'
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_directory": "log",
    "log_filename": "postgres.log",
    "log_rotation_age": "0",
    "log_statement": "all",
    "log_connections": "on",
}


class Cluster:
    """A PostgreSQL server that can be started, stopped, asked and read."""

    def __init__(self, directory: Path) -> None:
        """Make the cluster in `directory`, which must be empty and can be entered by anybody."""
        self.port = free_port()
        self.passwords = directory / "pgpass"
        self._data = directory / "data"
        home = programs(directory)
        newest = max(home.glob("pginstall*"), key=lambda path: int(path.name.removeprefix("pginstall") or 0))
        self._programs = newest / "bin"
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._marks = itertools.count()
        self._read = 0
        self._user: dict[str, Any] = {}
        self._data.mkdir()
        given = directory / "password"
        given.write_text(self._password)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (self._data, given):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        settings = [f"--set={name}={value}" for name, value in (_SETTINGS | {"port": str(self.port)}).items()]
        self._run(
            *("initdb", "--username=postgres", "--auth=scram-sha-256", f"--pwfile={given}", "--no-sync"),
            *("--encoding=UTF8", "--locale=C", *settings, str(self._data)),
        )
        self.passwords.touch(0o600)
        self.passwords.write_text(f"127.0.0.1:{self.port}:*:tripod:{self._password}\n")

    @property
    def environment(self) -> dict[str, str]:
        """What tells an application of this server; the password is in a file of its own."""
        url = f"postgresql://tripod@127.0.0.1:{self.port}/tripod"
        return {"TRIPOD_DB_URL": url, "PGPASSFILE": str(self.passwords)}

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        with (self._data.parent / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data],
                cwd=self._data.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._user,
            )
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                self.connect("postgres").close()
                break
            except psycopg.OperationalError:
                assert self._process.poll() is None, "PostgreSQL has ended"
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server as a failure would: its processes end where they are, and let no other go on."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(20)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let new connections be accepted, by the kernel, and get no answer; those that are open go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def connect(self, database: str = "tripod") -> psycopg.Connection:
        """Return a superuser's connection, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self._password,
            dbname=database,
            autocommit=True,
            application_name="test",
        )

    def create(self) -> None:
        """Make the role and the database of the applications."""
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE tripod LOGIN PASSWORD '{self._password}'")
            connection.execute("CREATE DATABASE tripod")

    def load(self, rows: int | None = None) -> None:
        """Load the quotes, all of them or the first `rows` only, where the real size would take long."""
        script = (ROOT / "quotesdb/sql/quotes.sql").read_text(encoding="utf-8")
        transaction, _, rest = script.partition("COMMIT;")
        with self.connect() as connection:
            connection.execute(transaction + "COMMIT;")
            if rows:
                connection.execute("DELETE FROM quote WHERE id > %s", [rows])
            connection.execute(rest)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.connect() as connection:
            return connection.execute(query, parameters or None).fetchall()

    def views(self) -> int:
        """Return the sum of all view counts."""
        return int(self.rows("SELECT sum(views) FROM quote")[0][0])

    def states(self, service: str) -> list[str]:
        """Return the states of a service's sessions, e.g. `idle`."""
        return [
            state
            for (state,) in self.rows(
                "SELECT state FROM pg_stat_activity WHERE application_name = %s", service
            )
        ]

    def news(self) -> list[dict[str, Any]]:
        """Return what was logged since the last call, everything up to this moment included."""
        mark = f"mark {next(self._marks)} {secrets.token_hex(4)}"
        self.rows(f"SELECT '{mark}'")
        path = self._data / "log" / "postgres.json"
        deadline = time.monotonic() + 10
        while True:
            text = path.read_bytes()[self._read :]
            if mark.encode() in text and text.endswith(b"\n"):
                self._read += len(text)
                return [json.loads(line) for line in text.splitlines()]
            assert time.monotonic() < deadline, "PostgreSQL does not log"
            time.sleep(0.02)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._data.parent,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            **self._user,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"
