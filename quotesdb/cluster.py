"""The files of Tripod's PostgreSQL under `<root>/postgres`: make them, and run the server for a moment."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

# Recovery after a crash included.
START_S = 60


class ClusterError(Exception):
    """A program of PostgreSQL failed; the text says which, and what it said."""


class Cluster:
    """One database cluster, its programs run as the user that owns it: PostgreSQL refuses to run as root."""

    def __init__(self, root: str | Path, user: str | None) -> None:
        """Use `<root>/postgres`; without a user, the cluster belongs to whoever calls.

        Raises:
            ClusterError: if root calls and names no user, or one that does not exist.

        """
        self._home = Path(root) / "postgres"
        self._data = self._home / "data"
        self._log = self._home / "run" / "deploy.log"
        self._identity: dict[str, Any] = {}
        self._owner = (os.geteuid(), os.getegid())
        if os.geteuid() != 0:
            return
        try:
            entry = pwd.getpwnam(user or "")
        except KeyError:
            raise ClusterError(f"there is no user {user!r} that PostgreSQL could run as") from None
        self._owner = (entry.pw_uid, entry.pw_gid)
        self._identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str, wrong: bool = True) -> subprocess.CompletedProcess[str]:
        try:
            done = subprocess.run(
                [str(self._home / "bin" / program), *arguments],
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=START_S + 30,
                **self._identity,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ClusterError(f"{program} cannot be run: {error}") from error
        if wrong and done.returncode != 0:
            raise ClusterError(
                f"{program} ended with {done.returncode}: {(done.stderr + done.stdout).strip()}"
            )
        return done

    def lay_out(self, programs: str) -> list[str]:
        """Link the programs, and make the socket's directory; return what was made."""
        done = []
        link, sockets = self._home / "bin", self._home / "run"
        if not link.is_symlink() or str(link.readlink()) != programs:
            link.unlink(missing_ok=True)
            link.symlink_to(programs)
            done.append("bin")
        if not sockets.is_dir() or sockets.stat().st_uid != self._owner[0]:
            sockets.mkdir(exist_ok=True)
            sockets.chmod(0o755)
            os.chown(sockets, *self._owner)
            done.append("run")
        return done

    def fits(self) -> bool:
        """Return whether a whole cluster is there, of the programs' version, and its owner's own."""
        shown = self._run("postgres", "--version").stdout
        major = re.search(r"\) (\d+)", shown)
        try:
            version = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
            return major is not None and version == major[1] and self._data.stat().st_uid == self._owner[0]
        except (OSError, ValueError):
            return False

    def make(self) -> None:
        """Make the cluster anew: what an older one holds was generated, and is generated again.

        Raises:
            ClusterError: if initdb fails, or what is there cannot be removed.

        """
        fresh = self._home / "data.new"
        try:
            for old in (self._data, fresh):
                if old.exists():
                    shutil.rmtree(old)
            fresh.mkdir(mode=0o700)
            os.chown(fresh, *self._owner)
        except OSError as error:
            raise ClusterError(f"an older cluster cannot be replaced: {error}") from error
        # One locale and encoding on every system; nobody connects by the files that initdb writes.
        how = ["--encoding=UTF8", "--no-locale", "--auth-local=peer", "--auth-host=reject"]
        self._run("initdb", "-D", str(fresh), "-U", "postgres", *how)
        fresh.rename(self._data)

    def start(self) -> None:
        """Start the server on its socket only, and wait until it answers.

        Raises:
            ClusterError: if it does not, with the end of its log.

        """
        self._log.unlink(missing_ok=True)
        configuration = shlex.quote(str(self._home / "conf" / "postgresql.conf"))
        options = ["-o", f"-c config_file={configuration} -c listen_addresses=''"]
        where = ["-D", str(self._data), "-l", str(self._log)]
        try:
            self._run("pg_ctl", "start", "-w", "-t", str(START_S), *where, *options)
        except ClusterError as error:
            said = self._log.read_text("utf-8", "replace")[-2000:] if self._log.exists() else ""
            raise ClusterError(f"{error}\n{said}".strip()) from error

    def stop(self) -> None:
        """Stop the server if it runs.

        Raises:
            ClusterError: if it would not end.

        """
        if (
            self._data.exists()
            and self._run("pg_ctl", "status", "-D", str(self._data), wrong=False).returncode == 0
        ):
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-t", str(START_S), "-D", str(self._data))
