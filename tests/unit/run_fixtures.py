"""A real measurement, made once, and a run's directory to put it into."""

from __future__ import annotations

import copy
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from run_files import K6, ROOT, RunFiles

from tripod.catalogue import k6


class _App(BaseHTTPRequestHandler):
    """Answers as the contract of the apps asks, with the least work."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer `/` with a page and `/api` with a value."""
        body = b'{"value": 7}' if self.path == "/api" else b"<html></html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """Serve a small app on a free port of 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _App)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def k6_summary(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the summary of one second of the poc workload, measured by the real k6 with the real script."""
    path = tmp_path_factory.mktemp("k6") / "k6.json"
    environment = k6.environment(target=app_url, workload="poc", vus=2, duration_s=1, summary=str(path))
    command = k6.command(str(K6), str(ROOT / "k6" / "main.js"))
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def run_files(tmp_path: Path, k6_summary: dict[str, Any]) -> RunFiles:
    """Return an empty run's directory, `results/20261123T034500Z-poc`."""
    return RunFiles(tmp_path / "results" / "20261123T034500Z-poc", copy.deepcopy(k6_summary))
