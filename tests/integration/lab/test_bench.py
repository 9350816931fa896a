"""The whole benchmark on the lab's three hosts: real SSH, real systemd, real k6."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lab_access import MEASURED, UNITS, check_files, deployed_units, exposure, foreign_unit
from lab_runs import closed_port
from playbook_runs import LAB_INVENTORY, Bench, Lab, playbook

pytestmark = pytest.mark.lab

CHOICE = (
    "-e",
    "only=sync-gunicorn,async-[gu]*corn",
    "-e",
    "workers=1",
    "-e",
    "duration=4s",
    "-e",
    "warmup=1s",
)


def test_measures_on_three_hosts(lab: Lab, bench: Bench) -> None:
    """Three hosts measure three cells with real units at real addresses; a second deploy changes nothing.

    A unit that is not Tripod's runs on through all of it.
    """
    with foreign_unit(lab, "tripod-app", "tripod-foo"):
        check_run(lab, bench)


def check_run(lab: Lab, bench: Bench) -> None:
    """Measure, look at what it left, and provision and deploy again."""
    done = bench.run(*LAB_INVENTORY, *CHOICE)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    hosts = bench.read("hosts.json")
    assert hosts["separation"] == "shared-kernel"
    assert set(hosts["hosts"]) == set(lab.hosts)
    rows = {row["stack"]: row for row in bench.read("summary.json")["rows"]}
    assert len(rows) == 3
    assert all(row["status"] == "ok" and row["failed_requests"] == 0 for row in rows.values())
    assert rows["async-uvicorn"]["rps"] > 1.5 * rows["sync-gunicorn"]["rps"]
    record = bench.read("trials/sync-gunicorn-w1-db25-r1/record.json")
    assert record["target"] == f"http://{lab.hosts['tripod-app']}:8000"
    unit = lab.ssh("tripod-app", "systemctl cat tripod-sync-gunicorn-w1")
    assert "/gunicorn -w 1 sync_app:app\n" in unit
    assert len(deployed_units(lab, "tripod-app")) == 3
    for host in ("tripod-app", "tripod-db"):
        judged = exposure(lab, host, *deployed_units(lab, host))
        assert judged
        assert all(score <= MEASURED for score in judged.values()), judged
        lifetimes = lab.ssh(host, f"systemctl show -P RuntimeMaxUSec {' '.join(judged)}")
        assert set(lifetimes.split()) == {"infinity"}  # a duration may be a day
    check_files(lab, "tripod-app", {"tripod-app"})
    check_files(lab, "tripod-db", {"tripod-fakedb"})
    check_files(lab, "tripod-load", {"tripod-k6"}, r"/opt/tripod/runs/[^/]+/[^/]+/(k6|warmup)\.json$")
    for stage in ("provision", "deploy"):
        again = playbook(*LAB_INVENTORY, f"playbooks/{stage}.yml", "-e", "matrix=quick", *CHOICE)
        assert again.returncode == 0, again.stdout[-4000:]
        recap = again.stdout.split("PLAY RECAP")[1]
        assert recap.count("changed=") == recap.count("changed=0") == 4, again.stdout[-6000:]


def test_a_leg_that_the_other_cannot_reach_is_named(lab: Lab, bench: Bench) -> None:
    """A closed port between load and app ends the run before anything is measured, named with the remedy."""
    load, app = lab.hosts["tripod-load"], lab.hosts["tripod-app"]
    with closed_port(load, app, 8000):
        done = bench.run(*LAB_INVENTORY, *CHOICE)
    said = " ".join(done.stdout.split())
    assert done.returncode != 0, said[-4000:]
    complaint = said.split("tripod-load: ")[1]
    assert all(part in complaint for part in ("cannot reach", f"{app}:8000", "Remedy: ")), said[-3000:]
    assert list((bench.directory / "trials").iterdir()) == []
    # What listened for the proof ends by itself, and no later run finds the ports taken.
    end = time.monotonic() + 25
    while any(lab.ssh(host, "ss -Hltn '( sport = :8000 or sport = :9000 )'") for host in lab.hosts):
        assert time.monotonic() < end
        time.sleep(0.5)


def test_a_unit_of_somebody_else_keeps_its_name(lab: Lab) -> None:
    """Where it has a name that the plan needs, provision names it with the remedy, and changes nothing."""
    with foreign_unit(lab, "tripod-app", "tripod-sync-gunicorn-w7"):
        choice = ("-e", "matrix=quick", "-e", "only=sync-gunicorn", "-e", "workers=7")
        done = playbook(*LAB_INVENTORY, "playbooks/provision.yml", *choice)
    said = " ".join(done.stdout.split())
    assert done.returncode != 0
    unit = f"/{UNITS}/tripod-sync-gunicorn-w7.service"
    assert f"tripod-app: has a unit {unit} that is not Tripod's, and the plan needs its name" in said
    assert "Remedy: " in said
    recap = done.stdout.split("PLAY RECAP")[1]
    assert recap.count("changed=") == recap.count("changed=0") == 4, done.stdout[-4000:]


def test_a_k6_that_only_root_may_run(lab: Lab) -> None:
    """Provision asks it as the user of the trials, and names it and him with the remedy."""
    lab.ssh("tripod-load", "sudo install -m 755 /bin/true /root/k6")
    try:
        choice = ("-e", "matrix=quick", *CHOICE, "-e", "k6_source=path", "-e", "k6_path=/root/k6")
        done = playbook(*LAB_INVENTORY, "playbooks/provision.yml", *choice)
    finally:
        lab.ssh("tripod-load", "sudo rm /root/k6")
    said = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert "tripod-load: the user tripod-k6, who runs k6, cannot run /root/k6: " in said
    assert "Permission denied. Remedy: in the inventory, k6_path: a binary that everybody may run" in said


@contextmanager
def no_python(lab: Lab, host: str) -> Iterator[None]:
    """Hide every Python of a host."""
    pythons = list((lab.root(host) / "usr/bin").glob("python3*"))
    hidden = lab.root(host) / "root/hidden"
    hidden.mkdir()
    try:
        for python in pythons:
            python.rename(hidden / python.name)
        yield
    finally:
        for python in hidden.iterdir():
            python.rename(lab.root(host) / "usr/bin" / python.name)
        hidden.rmdir()


def test_a_host_without_python_is_named(lab: Lab) -> None:
    """A host that has no python3 is refused by name, with what to install."""
    with no_python(lab, "tripod-db"):
        done = playbook(*LAB_INVENTORY, "playbooks/provision.yml", "-e", "matrix=quick")
    said = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert "tripod-db: " in said, said[-3000:]
    assert "apt-get install python3" in said.split("tripod-db: ")[1]
    assert "tripod-app: " not in said
