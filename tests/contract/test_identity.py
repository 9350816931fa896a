"""`/ready` tells the truth under servers and options that no row of the matrix has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from contract_http import ask
from contract_processes import fakedb_environment, start_app
from free_ports import free_port

UNUSUAL = {
    # asked for another loop and parser than the best ones
    "uvicorn --loop asyncio --http h11 --log-level error async_app:app": ("asyncio", "h11"),
    "uvicorn --loop asyncio --log-level error def_app:app": ("asyncio", "httptools"),
    "gunicorn -k uvicorn_worker.UvicornH11Worker async_app:app": ("asyncio", "h11"),
    # gunicorn's own ASGI worker, which takes uvloop where it finds it
    "gunicorn -k asgi async_app:app": ("uvloop", "gunicorn"),
    "gunicorn -k asgi --asgi-loop asyncio async_app:app": ("asyncio", "gunicorn"),
    # gevent's own WSGI server in place of gunicorn's parser
    "gunicorn -k gevent_pywsgi sync_app:app": ("gevent", "gevent"),
    # granian with a poc app, asked for another loop than the best one, and without any
    "granian --interface asgi --loop asyncio async_app:app": ("asyncio", "granian"),
    "granian --interface wsgi sync_app:app": (None, "granian"),
    # gevent is loaded, and a loop of asyncio runs inside
    "gunicorn -k gevent donkey_patched_async_app:app": ("asyncio", "gunicorn"),
}


@pytest.mark.parametrize("command", UNUSUAL)
def test_identity_is_seen_not_assumed(command: str, tmp_path: Path) -> None:
    """The loop and the parser are those that really ran."""
    app = start_app(command, "tripod-unusual", tmp_path / "log", fakedb_environment(free_port()))
    try:
        app.wait_until_ready("/ready")
        identity = json.loads(ask(app.port, "/ready").body)
    finally:
        app.stop()
    assert (identity["loop"], identity["http"]) == UNUSUAL[command]
    assert app.pid in {identity["pid"], identity["ppid"]}
