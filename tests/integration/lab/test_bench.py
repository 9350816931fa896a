"""The whole benchmark on the lab's three hosts: real SSH, real systemd, real k6."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from conftest import ROOT, Bench, playbook

pytestmark = pytest.mark.lab

LAB = ("-i", "inventory/lab.yml")
CHOICE = ("-e", "only=*sync-[gu]*corn", "-e", "workers=1", "-e", "duration=4s", "-e", "warmup=1s")


def on_app_host(command: str) -> str:
    """Run a command on the app host, over SSH as a person would."""
    ssh = ["ssh", "-i", ".lab/id_ed25519", "-o", "UserKnownHostsFile=.lab/known_hosts", "bench@198.18.0.12"]
    return subprocess.run(
        [*ssh, command], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout


@pytest.fixture(scope="module", autouse=True)
def lab() -> Iterator[None]:
    """Bring the lab up, and down again unless it was up before."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        reason = "the lab needs root on a Debian-family Linux"
        if os.environ.get("REQUIRE_LAB") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    was_up = (ROOT / ".lab" / "known_hosts").exists()
    done = playbook("playbooks/lab.yml", "-e", "lab_state=up")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    yield
    if not was_up:
        done = playbook("playbooks/lab.yml", "-e", "lab_state=down")
        assert done.returncode == 0, done.stdout[-4000:]


def test_measures_on_three_hosts(bench: Bench) -> None:
    """Three hosts measure three cells with real units at real addresses; a second deploy changes nothing."""
    done = bench.run(*LAB, *CHOICE)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    hosts = bench.read("hosts.json")
    assert hosts["separation"] == "shared-kernel"
    assert set(hosts["hosts"]) == {"tripod-load", "tripod-app", "tripod-db"}
    rows = {row["stack"]: row for row in bench.read("summary.json")["rows"]}
    assert len(rows) == 3
    assert all(row["status"] == "ok" and row["failed_requests"] == 0 for row in rows.values())
    assert rows["async-uvicorn"]["rps"] > 1.5 * rows["sync-gunicorn"]["rps"]
    assert bench.read("trials/sync-gunicorn-w1-db25-r1/record.json")["target"] == "http://198.18.0.12:8000"
    unit = on_app_host("systemctl cat tripod-sync-gunicorn-w1")
    assert "/gunicorn -w 1 sync_app:app\n" in unit
    for stage in ("provision", "deploy"):
        again = playbook(*LAB, f"playbooks/{stage}.yml", "-e", "matrix=quick", *CHOICE)
        assert again.returncode == 0, again.stdout[-4000:]
        recap = again.stdout.split("PLAY RECAP")[1]
        assert recap.count("changed=") == recap.count("changed=0") == 4, again.stdout[-6000:]


def test_reset_leaves_nothing() -> None:
    """After reset no unit, file, user or process of Tripod is left on the app host."""
    done = playbook(*LAB, "playbooks/reset.yml")
    assert done.returncode == 0, done.stdout[-4000:]
    left = on_app_host(
        "ls /etc/systemd/system/tripod-* /opt/tripod 2>/dev/null; pgrep -fa /opt/tripod/; id tripod; true"
    )
    assert [line for line in left.splitlines() if "pgrep" not in line] == []
