"""Talk to Tripod's PostgreSQL as its administrator, with psql over its Unix socket; standard library only."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

# Loading the data is what takes longest, a few seconds.
TIMEOUT_S = 300


class PsqlError(Exception):
    """The server cannot be reached, or refused a statement; the text is psql's own."""


class Psql:
    """Runs scripts on the server under `<root>/postgres`; the server's ident map admits who deploys."""

    def __init__(self, root: str | Path, port: int) -> None:
        """Use the programs and the socket that role postgres left under `root`."""
        self.home = Path(root) / "postgres"
        self._port = port

    def _command(self, database: str) -> list[str]:
        where = ["-h", str(self.home / "run"), "-p", str(self._port), "-U", "postgres", "-d", database]
        return [str(self.home / "bin" / "psql"), "-XqAtw", "-v", "ON_ERROR_STOP=1", *where]

    def _environment(self) -> dict[str, str]:
        """Return an environment without the caller's PG… variables, which would change the session."""
        path = {"PATH": os.environ["PATH"]} if "PATH" in os.environ else {}
        return path | {"LC_ALL": "C", "PGAPPNAME": "tripod", "PGCONNECT_TIMEOUT": "5"}

    def file(self, name: str) -> str:
        """Return the path of a file of `sql/`, such as `rows` for rows.sql."""
        return str(Path(__file__).parent / "sql" / f"{name}.sql")

    def run(self, *files: str, script: str = "", database: str = "postgres") -> list[str]:
        """Run files, or else a script, in one session of the administrator; return the lines that they print.

        Raises:
            PsqlError: at the first statement that fails, or without a server.

        """
        try:
            done = subprocess.run(
                [
                    *self._command(database),
                    *(f"-f{self.file(name)}" for name in files),
                    *([] if files else ["-f-"]),
                ],
                input=script,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
                timeout=TIMEOUT_S,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise PsqlError(str(error)) from error
        if done.returncode != 0:
            raise PsqlError(done.stderr.strip() or f"psql ended with {done.returncode}")
        return done.stdout.splitlines()

    def values(self, *files: str, database: str = "postgres") -> list[Any]:
        """Run files whose statements each print one JSON value, or nothing, and return the values.

        Raises:
            PsqlError: as `run`.

        """
        return [json.loads(line) for line in self.run(*files, database=database)]

    def watch(self, file: str, output: Path) -> None:
        """Run a file that asks again and again, in a process that ends with the server; keep the answers."""
        with output.open("w", encoding="utf-8") as out:
            subprocess.Popen(
                [*self._command("postgres"), "-f", self.file(file)],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
