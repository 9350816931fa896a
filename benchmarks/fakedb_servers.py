"""Start the servers that a benchmark compares, each on one core, and prove that it is they who answer."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
_READY_WITHIN_S = 20.0
_STOP_WITHIN_S = 10.0


def free_port() -> int:
    """Return a port that nobody on 127.0.0.1 listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def get_json(url: str) -> dict[str, Any]:
    """GET a JSON object from 127.0.0.1."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - http to 127.0.0.1 only
        return dict(json.load(answer))


def _wait_until_ours(url: str, service: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until `url` answers with the service's name, which nothing else on the port can know."""
    give_up = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, urllib.error.URLError, ValueError):
            if get_json(url).get("service") == service:
                return
        time.sleep(0.05)
    raise SystemExit(
        f"{service} did not become ready at {url}; its output:\n{log.read_text(errors='replace')[-2000:]}"
    )


@contextmanager
def _on_core(core: int) -> Iterator[None]:
    """Have everything that is started within the block run on `core`: children inherit it."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


@contextmanager
def _serving(
    command: Sequence[str], *, core: int, identity: str, environment: Mapping[str, str], cwd: Path = ROOT
) -> Iterator[None]:
    """Run a server on one core until the block ends. `identity` is the URL that names the service."""
    service = f"benchmark-{secrets.token_hex(4)}"
    variables = {**os.environ, **environment, "TRIPOD_SERVICE": service}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out, _on_core(core):
            process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=out, env=variables)
        try:
            _wait_until_ours(identity, service, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def fakedb(sleep_ms: float, *, core: int) -> Iterator[str]:
    """Run the fake database on one core; yields its URL."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "fakedb", "--sleep", f"{sleep_ms:g}", "--listen", address]
    with _serving(command, core=core, identity=f"http://{address}/stats", environment={}):
        yield f"http://{address}"


@contextmanager
def app(command: str, *, database: str, core: int) -> Iterator[str]:
    """Run an application by the command of a matrix row, on one core; yields its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "TRIPOD_DB_URL": database,
        "UVICORN_HOST": "127.0.0.1",
        "UVICORN_PORT": str(port),
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port} --no-control-socket",
    }
    program, *arguments = command.split()
    with _serving(
        [str(BIN / program), *arguments],
        core=core,
        identity=f"{url}/ready",
        environment=environment,
        cwd=ROOT / "apps",
    ):
        yield url
