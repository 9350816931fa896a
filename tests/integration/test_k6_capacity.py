"""The load host's module looks for a capacity: real k6 processes against an application of known limits."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.tripod.lease import place, taking
from module_runs import run
from playbook_runs import ROOT

from tripod.catalogue import capacity
from tripod.catalogue.shapes import MISSED_ALLOWED
from tripod.trial import told

pytestmark = pytest.mark.localhost


@contextlib.contextmanager
def app(held_s: float) -> Iterator[int]:
    """Serve `/api` on a port of 127.0.0.1, one request after the other, each for so many seconds."""
    one_at_a_time = threading.Lock()

    class App(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            if self.path == "/ready":
                body = json.dumps({"pid": os.getpid()}).encode()
            else:
                with one_at_a_time:
                    time.sleep(held_s)
                body = b'{"value": 7}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def lease(tmp_path: Path) -> Iterator[str]:
    """Take this machine's lease; give its name."""
    token = secrets.token_hex()
    keep = {"manager": "supervisor", "root": str(tmp_path)}
    taking.take({"token": token, "who": {"user": "a test"}, "run_id": None, "silence_s": 600.0, "keep": keep})
    yield place.name_of(token)
    assert taking.end("a test") == []


def looked_for(port: int, root: Path, lease: str, slo_ms: int) -> dict[str, Any]:
    """Return what the module says of a trial of one route, whose measurement lasts 2 s."""
    load = {
        "name": "capacity",
        "script": "poc",
        "shape": "capacity",
        "model": "open",
        "vus": 4,
        "slo_ms": slo_ms,
        "pause_s": 0.0,
        "route": "api",
        "duration_s": 2.0,
        "warmup_s": 1.0,
    }
    here = told.Here(
        "h", ("load",), str(root), "supervisor", lease, str(Path(sys.executable).with_name("k6"))
    )
    trial = told.Trial(
        name="a-r1",
        repeat=1,
        number=1,
        of=1,
        cell={"expect": {}, "requests_per_iteration": 1, "load": load},
        run_id="a-run",
        legs={"load": ("h",), "app": ("h",), "db": ("h",)},
        endpoints={"app": {"address": "127.0.0.1", "port": port}},
    )
    (root / "k6").symlink_to(ROOT / "k6")
    return run("tripod_k6", told.load(trial, here, os.getpid()), timeout_s=300)


@pytest.mark.long
def test_a_rate_is_found_below_saturation_and_confirmed(tmp_path: Path, lease: str) -> None:
    """The app answers 250 requests a second at most, so less is found; each probe is told, one confirms."""
    with app(0.004) as port:
        said = looked_for(port, tmp_path, lease, slo_ms=500)
    found, probes = said["capacity"], said["capacity"]["probes"]
    assert 0 < found["saturated_rps"] <= 250
    assert 0 < found["rate"] < found["saturated_rps"]
    searching = [probe for probe in probes if not probe["confirms"]]
    assert 0 < len(searching) <= capacity.MOST_PROBES
    assert all(probe["scheduled"] >= capacity.LEAST_REQUESTS for probe in searching)
    assert len(probes) - len(searching) <= 1 + capacity.STEPS_DOWN
    assert (probes[-1]["confirms"], probes[-1]["rate"]) == (True, found["rate"])
    assert probes[-1]["missed_share"] <= MISSED_ALLOWED
    assert sorted(said["summaries"]) == ["measure", "warmup"]
    assert said["seconds"]["measure"] >= 2
    assert found["seconds"] >= sum(probe["seconds"] for probe in searching)


def test_an_app_that_is_too_slow_for_any_rate_says_so(tmp_path: Path, lease: str) -> None:
    """Ten requests a second are fewer than a probe can have; nothing is tried, and the message says why."""
    with app(0.1) as port:
        said = looked_for(port, tmp_path, lease, slo_ms=1000)
    assert (said["failed"], said["failed_at"]) == (True, "capacity")
    assert said["capacity"]["probes"] == []
    assert said["capacity"]["rate"] is None
    assert "none was tried" in said["msg"]
