"""An application waits for its database as long as it is told to, and says so where it cannot be."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from pathlib import Path

from contract_cells import ROOT
from contract_http import ask_all
from contract_processes import Service, fakedb_environment, running_fakedb, running_servers, start_app
from free_ports import free_port

from tripod.catalogue.servers import bind_environment

# One command for each application; the last blocks its event loop.
COMMANDS = (
    "gunicorn -w 1 sync_app:app",
    "gunicorn -w 1 donkey_patched_async_app:app",
    "uvicorn --workers 1 --log-level error async_app:app",
    "uvicorn --workers 1 --log-level error def_app:app",
    "uvicorn --workers 2 --log-level error stupid_async_app:app",
)
PATIENT = {"TRIPOD_DB_TIMEOUT": "11.5"}


def test_a_latency_beyond_five_seconds_is_waited_for(tmp_path: Path) -> None:
    """With the time that Tripod gives them, all applications answer 200 at a latency of 6.5 s."""
    port = free_port()
    database = fakedb_environment(port) | PATIENT
    starts = {
        command: partial(start_app, command, "tripod-patient", tmp_path / f"{number}.log", database)
        for number, command in enumerate(COMMANDS)
    }
    with (
        running_servers(starts) as servers,
        running_fakedb(port, sleep_ms=6500, log=tmp_path / "fakedb.log"),
    ):
        ports = [server.port for server in servers.values() if isinstance(server, Service)]
        answers = ask_all([(port, "/api") for port in ports])
    assert [answer.status for answer in answers] == [200] * len(COMMANDS)
    assert min(answer.seconds for answer in answers) >= 6.5


def answers_well(port: int) -> bool:
    """Return whether `/api` is answered with 200."""
    try:
        return ask_all([(port, "/api")])[0].status == HTTPStatus.OK
    except OSError:
        return False


def test_gunicorn_lets_a_worker_wait(tmp_path: Path) -> None:
    """What is told by the environment goes before gunicorn's own 30 s: here less, or this would take long.

    A worker that is silent for longer is killed, and its client gets a 500 or no answer.
    """
    port, command = free_port(), "gunicorn -w 1 sync_app:app"
    for silence_s, lives in ((2, False), (12, True)):
        app_port = free_port()
        bound = bind_environment(command, "127.0.0.1", app_port)
        bound["GUNICORN_CMD_ARGS"] += f" --timeout {silence_s}"
        env = fakedb_environment(port) | PATIENT | bound
        app = Service(command, app_port, tmp_path / f"{silence_s}.log", cwd=ROOT / "apps", env=env)
        try:
            app.wait_until_ready("/ready")
            with running_fakedb(port, sleep_ms=5000, log=tmp_path / "fakedb.log"):
                assert answers_well(app_port) == lives
        finally:
            app.stop()
