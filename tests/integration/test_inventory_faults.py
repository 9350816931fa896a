"""Inventories with something wrong: each is named with its remedy in seconds, before anything is deployed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from free_ports import free_port
from localhost_processes import held
from playbook_runs import Bench, playbook

pytestmark = pytest.mark.localhost

LOCAL = {
    "ansible_connection": "local",
    "ansible_python_interpreter": sys.executable,
    "service_manager": "supervisor",
    "bench_address": "127.0.0.1",
}


@pytest.fixture
def soon() -> Iterator[None]:
    """Whatever is wrong is said, and not waited for: nothing takes a minute, on a busy machine either."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < 60


def inventory(
    path: Path, load: dict[str, Any], app: dict[str, Any], db: dict[str, Any], **everyone: object
) -> str:
    """Write an inventory of groups with their hosts; return its path."""
    groups = {name: {"hosts": hosts} for name, hosts in (("load", load), ("app", app), ("db", db)) if hosts}
    file = path / "inventory.yml"
    file.write_text(yaml.safe_dump({"all": {"vars": everyone}, **groups}), encoding="utf-8")
    return str(file)


def localhost(path: Path, **variables: object) -> str:
    """Write an inventory of this machine as all legs, with a directory of its own and free ports."""
    ports = {"app_port": free_port(), "db_port": free_port()}
    host = {"localhost": {**LOCAL, **ports, "tripod_root": str(path / "tripod"), **variables}}
    return inventory(path, host, host, host)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return the output with single spaces, whatever the lines' lengths."""
    return " ".join(done.stdout.split())


@pytest.mark.usefixtures("soon")
def test_a_missing_group(tmp_path: Path) -> None:
    """An inventory without the group db is refused in the plan, with the groups that there must be."""
    done = playbook("-i", inventory(tmp_path, {"a": {}}, {"b": {}}, {}), "bench.yml")
    assert done.returncode == 2
    assert "the inventory has no host in the group 'db'; allowed: one host in each of the groups" in said(
        done
    )
    assert "inventory/sample.yml" in said(done)


@pytest.mark.usefixtures("soon")
def test_an_inventory_that_is_not_there() -> None:
    """A path without a file is named, and the groups are missed."""
    done = playbook("-i", "/no/such/inventory.yml", "bench.yml")
    assert done.returncode != 0
    assert "/no/such/inventory.yml" in done.stdout + done.stderr
    assert "the inventory has no host in the group 'load'" in said(done)


@pytest.mark.usefixtures("soon")
def test_hosts_that_cannot_be_reached(tmp_path: Path, bench: Bench) -> None:
    """Each is named once with its own remedy, and there is no run.

    The inventory makes all hosts become root over SSH, the controller too: its own tasks must not.
    """
    hosts = (
        {"closed": {"ansible_host": "127.0.0.1", "ansible_port": free_port()}},
        {"misspelt": {"ansible_host": "no-such-host.invalid"}},
        {"absent": {"ansible_host": "198.18.0.250"}},
    )
    rule = {"ansible_connection": "ssh", "ansible_become": True, "ansible_become_exe": "/no/such/sudo"}
    done = bench.run("-i", inventory(tmp_path, *hosts, **rule))
    assert done.returncode != 0
    text = done.stdout + done.stderr
    for name, remedy in (("closed", "ansible_port"), ("misspelt", "spelling"), ("absent", "security group")):
        assert text.count(f"{name} cannot be reached: ") == 1
        assert remedy in text.split(f"{name} cannot be reached: ")[1].split("Check:")[1].splitlines()[0]
    assert "Provision" not in done.stdout
    assert not bench.directory.exists()


@pytest.mark.usefixtures("soon")
def test_one_host_of_three_that_cannot_be_reached(tmp_path: Path, bench: Bench) -> None:
    """The two that could go on do not, since a later stage would run without the third."""
    here = {
        **LOCAL,
        "service_manager": "systemd",
        "tripod_root": str(tmp_path / "tripod"),
        "tripod_user": "no-one",
    }
    away = {"away": {"ansible_host": "127.0.0.1", "ansible_port": free_port()}}
    done = bench.run("-i", inventory(tmp_path, {"one": here}, away, {"two": here}))
    assert done.returncode != 0
    assert "away cannot be reached: " in done.stdout
    assert "Provision" not in done.stdout
    assert not bench.directory.exists()
    assert not (tmp_path / "tripod").exists()
    assert held() == []


@pytest.mark.usefixtures("soon")
def test_an_address_that_is_not_the_hosts(tmp_path: Path) -> None:
    """It is named with the addresses that the host has."""
    done = playbook("-i", localhost(tmp_path, bench_address="203.0.113.7"), "playbooks/provision.yml")
    assert done.returncode != 0
    has = said(done).partition(
        "localhost: bench_address is 203.0.113.7, which is no address of this host; it has "
    )[2]
    assert "127.0.0.1" in has.partition(". Remedy: ")[0].split(", ")
    assert said(done).count("203.0.113.7") == 1
    assert not (tmp_path / "tripod/envs").exists()


@pytest.mark.usefixtures("soon")
def test_a_port_that_somebody_else_has(tmp_path: Path) -> None:
    """The process that has the app's port is named with its PID and command."""
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONUNBUFFERED": "1"},
    ) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().split(" port ")[1].split()[0])
            done = playbook("-i", localhost(tmp_path, app_port=port), "playbooks/provision.yml")
        finally:
            server.kill()
    assert done.returncode != 0
    assert f"localhost: port {port} at 127.0.0.1 is taken by process {server.pid} (" in said(done)
    assert "-m http.server" in done.stdout
    assert "another app_port or db_port" in said(done)


@pytest.mark.usefixtures("soon")
def test_a_python_that_is_not_there(tmp_path: Path) -> None:
    """An interpreter that the inventory names, but the host does not have, is named."""
    done = playbook(
        "-i", localhost(tmp_path, ansible_python_interpreter="/no/such/python3"), "playbooks/provision.yml"
    )
    assert done.returncode != 0
    assert (
        "localhost: has no /no/such/python3, which the inventory names as ansible_python_interpreter"
        in said(done)
    )


@pytest.mark.usefixtures("soon")
def test_a_host_without_python(tmp_path: Path) -> None:
    """It is told how to get one, since nothing but the first look runs without."""
    without = {
        "ansible_python_interpreter": "auto",
        "ansible_interpreter_python_fallback": ["no-such-python"],
    }
    done = playbook("-i", localhost(tmp_path, **without), "playbooks/provision.yml")
    assert done.returncode != 0
    assert "localhost: has no python3; allowed: Python 3.11 to 3.14, which the locks know" in said(done)
    assert "Remedy, on the host: apt-get" in said(done)


def test_a_directory_of_somebody_else(tmp_path: Path) -> None:
    """A tripod_root that has other files is refused, and a reset leaves it."""
    (tmp_path / "tripod").mkdir()
    (tmp_path / "tripod" / "precious").touch()
    where = localhost(tmp_path)
    for stage in ("provision", "reset"):
        done = playbook("-i", where, f"playbooks/{stage}.yml")
        assert done.returncode != 0
        assert "that are not Tripod's" in said(done)
        assert (tmp_path / "tripod" / "precious").exists()


@pytest.mark.usefixtures("soon")
def test_stop_needs_the_inventory_only(tmp_path: Path) -> None:
    """A run's parameters that the plan refuses keep nobody from stopping what runs."""
    wrong = ("matrix=/no/such/matrix.yml", "vus=many", "run_id=../x", "postgres_reload=perhaps")
    given = [part for one in wrong for part in ("-e", one)]
    done = playbook("-i", localhost(tmp_path), "playbooks/stop.yml", *given)
    assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("stage", ["stop", "reset"])
def test_stop_and_reset_refuse_a_broken_inventory(tmp_path: Path, stage: str) -> None:
    """A wrong variable is named with its value and what is allowed, once."""
    done = playbook("-i", localhost(tmp_path, app_port="many"), f"playbooks/{stage}.yml")
    assert done.returncode != 0
    assert said(done).count("localhost: app_port is 'many'; allowed: a port") == 1


def test_what_ansible_would_take(tmp_path: Path, bench: Bench) -> None:
    """Names that nobody reads, keys that come twice, what skips checks: all told at once, before any task."""
    where = Path(localhost(tmp_path, app_prot=8100))
    with where.open("a", encoding="utf-8") as file:
        file.write("load:\n  hosts: {localhost: {}}\n  vars: {db_port: 9001}\n")
    given = ("-e", "__plan_checked=1", "-e", "vus", "-e", "webapp_port=9999", "--skip-tags", "x")
    done = bench.run("-i", str(where), *given)
    assert done.returncode == 2
    told = [
        "--skip-tags is ['x']; allowed: leave it out",
        "-e __plan_checked is '1': bench.yml takes no such name",
        "-e 'vus' has no name or no value; allowed: NAME=VALUE",
        "-e webapp_port is '9999': bench.yml takes no such name; did you mean app_port?",
        "allowed with -e in bench.yml: ",
        f"{where}: line ",
        f"localhost: app_prot is 8100 in {where} line ",
    ]
    lines = done.stdout.splitlines()
    for begin in told:
        assert sum(line.startswith(begin) for line in lines) == 1, begin
    assert not bench.directory.exists()
    assert "PLAY" not in done.stdout


@pytest.mark.usefixtures("soon")
def test_values_that_only_the_plan_can_judge(tmp_path: Path, bench: Bench) -> None:
    """A directory of the system, a reference to nothing and a matrix without a bottom: no run is made."""
    deep = tmp_path / "deep.yml"
    deep.write_text("name: " + "[" * 5000, encoding="utf-8")
    done = bench.run("-i", localhost(tmp_path, tripod_root="/etc"), "-e", f"matrix={deep}")
    assert done.returncode == 2
    assert "localhost: tripod_root is '/etc'; allowed: an absolute path" in said(done)
    assert f"{deep}: line 1: is nested deeper than allowed" in said(done)
    where = localhost(tmp_path, app_port="{{ nope }}")
    undefined = bench.run("-i", where)
    assert undefined.returncode == 2
    assert f"localhost: app_port is '{{{{ nope }}}}' in {where} line" in said(undefined)
    assert ", and 'nope' is undefined; allowed: a value" in said(undefined)
    assert not bench.directory.exists()


def test_reset_of_a_host_that_was_never_provisioned(tmp_path: Path) -> None:
    """There is nothing to do, and no error."""
    done = playbook("-i", localhost(tmp_path), "playbooks/reset.yml")
    assert done.returncode == 0, done.stdout


def test_ports_are_free_right_after_provision(tmp_path: Path) -> None:
    """What listens there to prove that the legs reach each other has gone when it was reached."""
    port = free_port()
    where = localhost(tmp_path, app_port=port, k6_source="path", k6_path=shutil.which("false"))
    done = playbook("-i", where, "playbooks/provision.yml")
    assert "Measure the round trip to the next leg" in done.stdout
    with socket.socket() as app:
        app.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        app.bind(("127.0.0.1", port))
        app.listen()
