"""The load host's module beside an application that is slower than the measurement."""

from __future__ import annotations

import gzip
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.tripod.lease import place, taking
from module_runs import run
from playbook_runs import ROOT

from tripod.catalogue import k6
from tripod.catalogue.patience import Patience

pytestmark = pytest.mark.localhost


class SlowApp(BaseHTTPRequestHandler):
    """Says that it is this process, and answers `/api` after 2.5 s."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer as the contract of the apps asks."""
        if self.path == "/api":
            time.sleep(2.5)
        bodies = {"/api": '{"value": 7}', "/ready": json.dumps({"pid": os.getpid()})}
        body = bodies.get(self.path, "<html></html>").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def lease(tmp_path: Path) -> Iterator[str]:
    """Take this machine's lease; give its name."""
    token = secrets.token_hex()
    keep = {"manager": "supervisor", "root": str(tmp_path)}
    taking.take({"token": token, "who": {"user": "a test"}, "run_id": None, "silence_s": 60.0, "keep": keep})
    yield place.name_of(token)
    assert taking.end("a test") == []


def load_of(url: str, directory: Path, patience: Patience, lease: str) -> dict[str, Any]:
    """Return what the load host's module is told: one second of the poc workload."""
    environment = k6.environment(
        target=url, workload="poc", vus=1, duration_s=1, summary=str(directory / "k6.json"), patience=patience
    )
    binary = str(Path(sys.executable).with_name("k6"))
    command = k6.command(binary, str(ROOT / "k6" / "main.js"))
    phase = {"name": "measure", "command": command, "environment": environment, "log": "measure.log"}
    return {
        "root": str(directory),
        "directory": str(directory),
        "target": url,
        "main_pid": os.getpid(),
        "expect": {},
        "lease": lease,
        "binary": binary,
        "phases": [phase | {"limit_s": patience.limit_s(1)}],
    }


def test_a_k6_is_ended_for_another_host_s_sake(tmp_path: Path, lease: str) -> None:
    """The module that waits for it says so at once; one that comes later for the same trial ends, too."""
    patience = Patience(20, 30)
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowApp) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        told = load_of(f"http://127.0.0.1:{server.server_port}", tmp_path, patience, lease)
        told["phases"][0]["environment"]["TRIPOD_DURATION_S"] = "50"
        end = {"root": str(tmp_path), "lease": lease, "trial": tmp_path.name}
        with ThreadPoolExecutor() as pool:
            loading = pool.submit(run, "tripod_k6", told)
            lock = tmp_path / "k6.lock"
            while not (lock.exists() and lock.read_text(encoding="ascii")):
                time.sleep(0.02)
            assert run("tripod_k6_end", end)["changed"]
            begun = time.monotonic()
            result = loading.result(30)
        late = run("tripod_k6", told)
        server.shutdown()
    assert time.monotonic() - begun < 15
    assert {one["failed_at"] for one in (result, late)} == {"ended"}
    assert result["k6"]["exit_code"] == late["k6"]["exit_code"] == -9


def test_k6_tells_how_long_it_really_took(tmp_path: Path, lease: str) -> None:
    """A measurement of 1 s whose last answer comes after 2.5 s took longer, and its drain is known."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowApp) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        result = run("tripod_k6", load_of(url, tmp_path, Patience(6, 16), lease))
        server.shutdown()
    assert result["k6"]["exit_code"] == 0
    seconds = result["seconds"]["measure"]
    assert seconds > 2.5
    k6_summary = json.loads(gzip.decompress((tmp_path / "k6.json.gz").read_bytes()))
    ran_s = k6_summary["state"]["testRunDurationMs"] / 1000
    assert 2.5 < ran_s < seconds
