"""PostgreSQL on the lab's DB host: the distribution's package, a systemd unit, only the app host let in."""

from __future__ import annotations

import re

import pytest
from lab_access import MEASURED, UNITS, check_files, deployed_units, exposure
from playbook_runs import LAB_INVENTORY, Bench, Lab, playbook

pytestmark = pytest.mark.lab

CHOICE = ("-e", "matrix=quote-view", "-e", "only=*-psycopg-pool-[gu]*n", "-e", "duration=4s")
# What the server says to a client that asks to come in: a start-up packet as `tripod`, protocol 3.0.
KNOCK = """python3 -c '
import socket, struct
said = b"user\\0tripod\\0database\\0tripod\\0\\0"
with socket.create_connection(("{address}", 5432), timeout=5) as server:
    server.sendall(struct.pack("!ii", 8 + len(said), 196608) + said)
    print(server.recv(1000))
'"""


def as_one_user_left_it(lab: Lab) -> None:
    """Make of the DB host what deploy left when all services shared one user, and units had no mark."""
    units = lab.root("tripod-db") / UNITS
    (units / "tripod-fakedb-db7.service").write_text(
        "# Ansible managed\n[Unit]\nDescription=Tripod fake database, 7 ms\n[Service]\nUser=tripod\n"
        "ExecStart=/opt/tripod/envs/fakedb/bin/python -m fakedb --sleep 7\n",
        encoding="utf-8",
    )
    home = "/opt/tripod/postgres"
    lab.ssh(
        "tripod-db",
        f"""sudo sh -ec '
        id tripod 2>/dev/null || useradd --system --no-create-home --home-dir /opt/tripod tripod
        mkdir -p /opt/tripod {home}/data {home}/run {home}/conf
        touch /opt/tripod/README.tripod {home}/data/PG_VERSION {home}/run/old
        printf old > {home}/password
        chmod 600 {home}/password
        chmod 700 {home}/data
        chmod 755 {home} {home}/conf
        chown -R tripod: {home}/data {home}/run
        systemctl daemon-reload
        '""",
    )


def test_measures_on_postgres(lab: Lab, bench: Bench) -> None:
    """Contended writes on PostgreSQL: what the server counted is what k6 asked for, to the last view.

    The DB host is one that an earlier Tripod provisioned, whose services shared one user.
    """
    as_one_user_left_it(lab)
    done = bench.run(*LAB_INVENTORY, *CHOICE)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    rows = bench.read("summary.json")["rows"]
    assert {row["stack"] for row in rows} == {
        f"{framework}-psycopg-pool-granian" for framework in ("fastapi", "flask")
    } | {"fastapi-psycopg-pool-uvicorn"}
    for row in rows:
        assert (row["status"], row["void"], row["db"]["deadlocks"]) == ("ok", [], 0)
        assert row["db"]["queries_per_request"] == pytest.approx(2, rel=0.02)
        record = bench.read(f"trials/{row['cell']}-r1/record.json")
        counters = bench.k6(f"{row['cell']}-r1")["metrics"]
        asked = counters["tripod_ok_requests_total"]["values"]["count"]
        assert record["database"]["views_added"] == asked > 0
        assert any("FOR UPDATE" in told["query"] for told in record["database"]["statements"])
    server = bench.read("hosts.json")["hosts"]["tripod-db"]["database"]
    assert server["settings"]["listen_addresses"] == lab.hosts["tripod-db"]
    assert deployed_units(lab, "tripod-db") == ["tripod-postgres.service"]
    assert not (lab.root("tripod-db") / UNITS / "tripod-fakedb-db7.service").exists()
    (score,) = exposure(lab, "tripod-db", "tripod-postgres.service").values()
    assert score <= MEASURED
    check_files(lab, "tripod-db", {"tripod-postgres"}, r"/opt/tripod/postgres/(data|run)(/|$)")
    check_files(lab, "tripod-db", {"tripod"})
    again = playbook(*LAB_INVENTORY, "playbooks/deploy.yml", *CHOICE)
    recap = again.stdout.split("PLAY RECAP")[1]
    assert recap.count("changed=") == recap.count("changed=0") == 4, again.stdout[-6000:]


def test_only_root_administers(lab: Lab) -> None:
    """On the DB host itself only root is let in as the superuser: not the server's user, nor its group."""
    ask = "/opt/tripod/postgres/bin/psql -h /opt/tripod/postgres/run -p 5432 -U postgres -Atc 'SELECT 1'"
    lab.ssh("tripod-db", "sudo systemctl start tripod-postgres")
    try:
        assert lab.ssh("tripod-db", f"sudo {ask}") == "1\n"
        for user in ("tripod-postgres", "bench", "nobody"):
            become = f"sudo setpriv --reuid={user} --regid=tripod-postgres --clear-groups"
            said = lab.ssh("tripod-db", f"{become} {ask} 2>&1; true")
            assert "Peer authentication failed" in said, (user, said)
    finally:
        lab.ssh("tripod-db", "sudo systemctl stop tripod-postgres")


def test_only_the_app_host_is_let_in(lab: Lab) -> None:
    """The unit listens at its own address only; the app host needs a password, the load host is refused."""
    address = lab.hosts["tripod-db"]
    lab.ssh("tripod-db", "sudo systemctl start tripod-postgres")
    try:
        listening = lab.ssh("tripod-db", "ss -Hltn 'sport = :5432'").split()
        assert [word for word in listening if word.endswith(":5432")] == [f"{address}:5432"]
        unit = lab.ssh("tripod-db", "systemctl cat tripod-postgres")
        assert re.search(r"^ExecStart=/opt/tripod/postgres/bin/postgres -D ", unit, re.MULTILINE)
        knock = KNOCK.format(address=address)
        assert "no pg_hba.conf entry" in lab.ssh("tripod-load", knock)
        assert "SCRAM-SHA-256" in lab.ssh("tripod-app", knock)
        assert (
            lab.ssh("tripod-db", "sudo find /opt/tripod/postgres/password -perm 600 -printf found") == "found"
        )
    finally:
        lab.ssh("tripod-db", "sudo systemctl stop tripod-postgres")
