"""PostgreSQL on this machine, through the real playbooks: the embedded server, as nobody or as oneself."""

from __future__ import annotations

import json
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from localhost_processes import HOME, PORTS, kill, processes
from playbook_runs import MEASURE, PLAYBOOK, ROOT, Bench, deploy, playbook
from watched_runs import LIMIT_S, started, wait_for

pytestmark = pytest.mark.localhost

POSTGRES = HOME / "postgres"
ONE = ("-e", "matrix=quotes", "-e", "only=flask-psycopg-pool-gthread", *PORTS)
SHORT = ("-e", "duration=3s", "-e", "warmup=1s")


def deployed(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run deploy for one stack on PostgreSQL."""
    return playbook("playbooks/deploy.yml", *ONE, *arguments)


@pytest.fixture(scope="module", autouse=True)
def _provisioned() -> None:
    """Provision and deploy once, from whatever was there."""
    deploy(*ONE)


def _psql(statement: str) -> None:
    """Run a statement in the applications' database, in a server that is started for it alone."""
    owner = POSTGRES.joinpath("data").stat()
    as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    control = [
        str(POSTGRES / "bin/pg_ctl"),
        "-w",
        "-D",
        str(POSTGRES / "data"),
        "-l",
        str(POSTGRES / "run/test.log"),
    ]
    options = f"-c config_file={shlex.quote(str(POSTGRES / 'conf/postgresql.conf'))} -c listen_addresses=''"
    subprocess.run([*control, "-o", options, "start"], cwd="/", check=True, timeout=60, **as_owner)
    try:
        port = re.search(r"^port = (\d+)", (POSTGRES / "conf/postgresql.conf").read_text(), re.MULTILINE)
        assert port
        where = ["-h", str(POSTGRES / "run"), "-p", port[1], "-U", "postgres", "-d", "tripod"]
        subprocess.run([str(POSTGRES / "bin/psql"), "-Xqw", *where, "-c", statement], check=True, timeout=60)
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], cwd="/", check=True, timeout=60, **as_owner)


def test_a_second_deploy_changes_nothing_and_tells_no_secret() -> None:
    """Deployed again nothing changes; the password is in no output, however talkative, nor in other files."""
    done = deployed("-vvv")
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"localhost\s+: ok=\d+\s+changed=0 ", done.stdout), done.stdout[-2000:]
    secret = (POSTGRES / "password").read_text()
    assert secret not in done.stdout + done.stderr
    assert (HOME / "pgpass").read_text().rstrip().endswith(f":tripod:tripod:{secret}")
    assert (POSTGRES / "password").stat().st_mode & 0o777 == 0o600
    assert (HOME / "pgpass").stat().st_mode & 0o777 == 0o400
    shown = [*(HOME / "supervisor").rglob("*.*"), *POSTGRES.glob("conf/*"), POSTGRES / "server.json"]
    assert len(shown) > 5
    assert [path for path in shown if path.is_file() and secret in path.read_text("utf-8", "replace")] == []
    assert processes() == {}


@pytest.fixture
def odd() -> Iterator[Path]:
    """Give a place whose path has a space, a % and a letter beyond ASCII, with the environments in it."""
    above = Path(tempfile.mkdtemp(prefix="tripod ", dir="/tmp"))
    above.chmod(0o755)  # for nobody
    root = above / "50% für alle"
    root.mkdir()
    (root / "envs").symlink_to(HOME / "envs")
    yield root
    playbook("playbooks/stop.yml", "-e", json.dumps({"tripod_root": str(root)}))
    shutil.rmtree(above)


def test_measures_on_postgres_in_an_odd_place(bench: Bench, odd: Path) -> None:
    """One cell is measured without a failure: connections of three pools, a transaction for each request.

    Supervisor's configuration, sockets, programs, scripts and password lie in a path that has to be quoted.
    """
    done = bench.run(*ONE, *SHORT, "-e", json.dumps({"tripod_root": str(odd)}))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    (row,) = bench.read("summary.json")["rows"]
    assert (row["status"], row["failed_requests"]) == ("ok", 0)
    record = bench.read("trials/flask-psycopg-pool-gthread-w3-t5-r1/record.json")
    told = record["database"]
    version = (odd / "postgres/data/PG_VERSION").read_text().strip()
    assert (told["kind"], told["version"].split(".")[0]) == ("postgres", version)
    # Three pools keep 5 each; a pool that has grown under the first requests may have opened more.
    assert 15 <= told["connections_opened"] <= 45
    assert told["transactions"] >= row["requests"] > 0
    assert 1 <= told["active_peak"] <= 15
    assert (told["views_added"], told["deadlocks"], told["statements"]) == (0, 0, None)
    assert record["services"]["db"]["ready"]["quotes"] == 100_000
    results = [path for path in bench.directory.rglob("*") if path.is_file()]
    secret = (odd / "postgres/password").read_bytes()
    assert [path for path in results if secret in path.read_bytes()] == []
    assert (odd / "runs" / bench.run_id / record["trial"] / "measure.log").is_file()
    assert processes(home=odd) == {}


def test_a_server_that_is_killed_costs_its_trial_only(bench: Bench) -> None:
    """Killed in the first of two trials of contended writes: `db-gone`; in the next not a view is lost."""
    write = ("-e", "matrix=quote-view", "-e", "only=flask-psycopg-pool-gthread", *PORTS)
    first, second = (f"flask-psycopg-pool-gthread-w3-t5-r{repeat}" for repeat in (1, 2))
    with started(bench, *write, "-e", "duration=4s", "-e", "repeats=2", stage=MEASURE) as process:
        log = HOME / "runs" / bench.run_id / first / "measure.log"
        wait_for(process, log.exists, "the first trial")
        time.sleep(2)
        kill("bin/postgres -D")
        assert process.wait(LIMIT_S) == 0
    assert bench.tabulate().returncode == 2
    gone = bench.read(f"trials/{first}/record.json")
    assert (gone["status"], gone["reasons"][0], gone["database"]) == ("failed", "db-gone", None)
    assert bench.read(f"trials/{second}/record.json")["status"] == "ok"
    counters = bench.k6(second)["metrics"]
    added = bench.read(f"trials/{second}/record.json")["database"]["views_added"]
    assert added == counters["tripod_ok_requests_total"]["values"]["count"] > 0
    row = bench.read("summary.json")["rows"][0]
    assert (row["trials_failed"], row["void"], row["db"]["deadlocks"]) == (1, [], 0)
    assert "db-gone" in row["reasons"]
    assert processes() == {}


def test_the_server_runs_as_whom_it_should() -> None:
    """The cluster belongs to nobody where root deploys, and to the caller elsewhere; never to root."""
    owner = pwd.getpwuid((POSTGRES / "data").stat().st_uid).pw_name
    assert owner == ("nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
    program = (HOME / "supervisor/conf.d/tripod-postgres.conf").read_text().splitlines()
    assert ("user=nobody" in program) == (os.geteuid() == 0)


@pytest.mark.long
def test_wrong_rows_are_refused_with_the_command_that_loads_them(bench: Bench) -> None:
    """With a row too few deploy ends, measure alone fails each trial, and both name the command; it works."""
    _psql("DELETE FROM quote WHERE id = 7")
    done = deployed()
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert "the database has 99999 quotes of 100 authors, not 100000 of 100" in said
    measured = bench.run(*ONE, *SHORT, stage=MEASURE)
    record = bench.read("trials/flask-psycopg-pool-gthread-w3-t5-r1/record.json")
    assert (record["status"], record["reasons"]) == ("failed", ["not-ready"]), measured.stdout[-2000:]
    assert "99999 quotes of 100 authors" in record["message"]
    command = re.search(r"load them again: (ansible-playbook \S+ -e matrix=quotes -e \S+)", record["message"])
    assert command
    assert command[1] in said
    typed = [PLAYBOOK, *shlex.split(command[1])[1:], *PORTS]
    again = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert again.returncode == 0, again.stdout[-4000:]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as somebody else")
def test_root_is_refused_where_nobody_may_not_enter(tmp_path: Path) -> None:
    """Below a directory closed to nobody, the plan refuses with the remedy, before anything is made there."""
    tmp_path.chmod(0o700)
    done = playbook("playbooks/deploy.yml", *ONE, "-e", f"tripod_root={tmp_path}/t")
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert "PostgreSQL runs as nobody, who cannot enter" in said
    assert "leave tripod_root out, or type: chmod o+x" in said
    assert list(tmp_path.iterdir()) == []
