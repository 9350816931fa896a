"""Starting and stopping what the contract test runs: the servers and the real fake database."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from contract_cells import ROOT
from contract_http import ask
from free_ports import free_port

from tripod.catalogue import servers

Key = TypeVar("Key", bound=Hashable)

IDENTITY_KEYS = [
    "service",
    "module",
    "pid",
    "ppid",
    "loop",
    "http",
    "framework",
    "server",
    "python",
    "threads",
]
"""What `/ready` tells."""

# What a command does with one worker and with two, it does with more.
MOST_SIZES = 2
START_LIMIT = 60.0
STOP_LIMIT = 20.0
# What the caller's environment must not decide: a service manager starts services without it.
_SETTINGS = (
    "TRIPOD_",
    "UVICORN_",
    "GUNICORN_",
    "GRANIAN_",
    "PG",
    "FLASK_",
    "PYTHON",
    "WEB_CONCURRENCY",
    "NO_PROXY",
    "no_proxy",
)


class Service:
    """A process with all its children, which answers over HTTP."""

    def __init__(self, command: str, port: int, log: Path, *, cwd: Path, env: Mapping[str, str]) -> None:
        """Start `command`; its output goes to `log`."""
        self.port, self.log = port, log
        # The command's programs are those of this environment.
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                shlex.split(command),
                cwd=cwd,
                env=clean | {"PATH": path} | env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that children left behind are seen
            )

    @property
    def pid(self) -> int:
        """The main process, as a service manager sees it."""
        return self.process.pid

    def wait_until_ready(self, path: str) -> None:
        """Wait until `path` is answered with 200.

        Raises:
            RuntimeError: with the end of the log, if the process ends or `START_LIMIT` passes before that.

        """
        deadline = time.monotonic() + START_LIMIT
        while self.process.poll() is None and time.monotonic() < deadline:
            with suppress(OSError):
                if ask(self.port, path).status == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"not ready (exit code {self.process.poll()}):\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """Stop the process and see its children gone.

        Raises:
            RuntimeError: if anything is left of it after `STOP_LIMIT` seconds (it is killed then).

        """
        self.process.terminate()
        deadline = time.monotonic() + STOP_LIMIT
        while time.monotonic() < deadline:
            if self.process.poll() is not None and not self._group_lives():
                return
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        raise RuntimeError(f"{self.process.args} was not gone {STOP_LIMIT:.0f} s after SIGTERM")

    def _group_lives(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True


def start_app(command: str, service: str, log: Path, database: Mapping[str, str]) -> Service:
    """Start a server as a service does: in the applications' folder, its addresses in the environment.

    `database` is the part of the environment that tells of the database.
    """
    port = free_port()
    env = servers.bind_environment(command, "127.0.0.1", port)
    # A proxy that nobody runs: whoever asks the database through it, fails.
    env |= dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")
    return Service(command, port, log, cwd=ROOT / "apps", env={**env, **database, "TRIPOD_SERVICE": service})


def fakedb_environment(port: int) -> dict[str, str]:
    """Return what tells an application that the fake database listens on `port`."""
    return {"TRIPOD_DB_URL": f"http://127.0.0.1:{port}"}


def parametrized(metafunc: pytest.Metafunc, name: str, all_of: Sequence[Any]) -> None:
    """Run a test with each cell or row; a command's third size and further ones are long.

    In a module about applications the further ones of each are: what an application does when its database
    fails is its own code and its loop's, whichever server runs it.
    """
    seen = set[tuple[str, str | None]]()
    sizes = Counter[str]()
    values = []
    for one in all_of:
        served = (one.command.split()[-1], dict(one.identity).get("loop"))
        command = re.sub(r"\d+", "N", one.command)
        sizes[command] += 1
        again = sizes[command] > MOST_SIZES or (
            getattr(metafunc.module, "ABOUT_APPLICATIONS", False) and served in seen
        )
        values.append(pytest.param(one, id=one.name, marks=[pytest.mark.long] if again else []))
        seen.add(served)
    metafunc.parametrize(name, values)


def tested(request: pytest.FixtureRequest, name: str) -> list[Any]:
    """Return the values that the tests of this folder have for a parameter in this session, each once."""
    here = [item for item in request.session.items if item.nodeid.startswith("tests/contract/")]
    callspecs = [getattr(item, "callspec", None) for item in here]
    return list(dict.fromkeys(spec.params[name] for spec in callspecs if spec and name in spec.params))


def sound(server: Service | RuntimeError) -> Service:
    """Return the server if it has started; otherwise the test fails with the reason."""
    if isinstance(server, RuntimeError):
        raise server
    return server


@contextmanager
def running_servers(
    starts: Mapping[Key, Callable[[], Service]],
) -> Iterator[dict[Key, Service | RuntimeError]]:
    """Start servers side by side, and stop them all; where one does not become ready, there is its reason."""
    started: list[Service] = []

    def start(begin: Callable[[], Service]) -> Service | RuntimeError:
        service = begin()
        started.append(service)
        try:
            service.wait_until_ready("/ready")
        except RuntimeError as error:
            return error
        return service

    try:
        with ThreadPoolExecutor(4) as pool:
            yield dict(zip(starts, pool.map(start, starts.values()), strict=True))
    finally:
        with ThreadPoolExecutor(len(started) or 1) as pool:
            stops = [pool.submit(service.stop) for service in started]
        for stop in stops:
            stop.result()


@contextmanager
def running_fakedb(port: int, *, sleep_ms: int, log: Path) -> Iterator[Service]:
    """Run the fake database on `port`."""
    command = f"python -m fakedb --sleep {sleep_ms} --listen 127.0.0.1:{port}"
    database = Service(command, port, log, cwd=ROOT, env={})
    try:
        database.wait_until_ready("/stats")
        yield database
    finally:
        database.stop()


def stats(database: Service) -> dict[str, int]:
    """Return what the database counted."""
    counted: dict[str, int] = json.loads(ask(database.port, "/stats").body)
    return counted
