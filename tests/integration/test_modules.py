"""Tripod's own Ansible modules, run as a play runs them, on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, playbook

pytestmark = pytest.mark.localhost

ANSIBLE = str(Path(sys.executable).with_name("ansible"))
ENVIRONMENT = {"ANSIBLE_LOAD_CALLBACK_PLUGINS": "1", "ANSIBLE_STDOUT_CALLBACK": "json"}


def run(module: str, arguments: dict[str, Any], *, before: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run a module on localhost and return its result; `before` stands before the command."""
    done = subprocess.run(
        [*before, ANSIBLE, "localhost", "-m", module, "-a", json.dumps(arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | ENVIRONMENT,
    )
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"]["localhost"]
    return result


def test_fetch_brings_what_is_missing_byte_for_byte(tmp_path: Path) -> None:
    """Whatever a trial left is fetched once; a file that grew since is fetched anew; what is here stays."""
    remote, local = tmp_path / "remote", tmp_path / "local"
    (remote / "a-r1").mkdir(parents=True)
    (remote / "a-r1" / "k6.json").write_bytes(b'{"\xc3\xa4": 1}\n')
    (remote / "a-r1" / "measure.log").write_bytes(b"\xff\x00 not text")
    (local / "a-r1").mkdir(parents=True)
    (local / "a-r1" / "record.json").write_text("{}", encoding="utf-8")
    arguments = {"directory": str(remote), "dest": str(local)}
    assert run("tripod_fetch", arguments)["fetched"] == ["a-r1/k6.json", "a-r1/measure.log"]
    for name in ("k6.json", "measure.log"):
        assert (local / "a-r1" / name).read_bytes() == (remote / "a-r1" / name).read_bytes()
    again = run("tripod_fetch", arguments)
    assert (again["changed"], again["fetched"]) == (False, [])
    with (remote / "a-r1" / "measure.log").open("ab") as log:
        log.write(b"more")
    assert run("tripod_fetch", arguments)["fetched"] == ["a-r1/measure.log"]
    assert (local / "a-r1" / "measure.log").read_bytes().endswith(b"more")
    assert sorted(path.name for path in (local / "a-r1").iterdir()) == [
        "k6.json",
        "measure.log",
        "record.json",
    ]


def test_fetch_of_nothing_is_no_error(tmp_path: Path) -> None:
    """A host on which the run never began has no directory, and nothing is fetched."""
    arguments = {"directory": str(tmp_path / "remote"), "dest": str(tmp_path / "local")}
    assert run("tripod_fetch", arguments)["fetched"] == []


def test_files_are_exactly_those(tmp_path: Path) -> None:
    """Files have their content and mode; strangers go, others stay; a second call changes nothing."""
    root = tmp_path / "tree"
    (root / "old" / "deep").mkdir(parents=True)
    (root / "old" / "deep" / "stale.py").touch()
    (root / "same.py").write_text("x = 1\n", encoding="utf-8")
    (root / "same.py").chmod(0o600)
    files = {"same.py": "x = 1\n", "sub/page.html": "<p>ä</p>\n", "empty.py": ""}
    arguments = {"path": str(root), "files": files, "exactly": ["**/*.py"]}
    first = run("tripod_files", arguments)
    assert first["changed"]
    assert first["removed"] == ["old/deep/stale.py"]
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    assert {name: path.read_text(encoding="utf-8") for name, path in found.items()} == files
    assert {path.stat().st_mode & 0o777 for path in found.values()} == {0o644}
    assert not (root / "old").exists()
    (root / "sub" / "kept.txt").touch()  # no glob matches it
    second = run("tripod_files", arguments)
    assert (second["changed"], second["written"], second["removed"]) == (False, [], [])
    assert (root / "sub" / "kept.txt").exists()
    (root / "same.py").write_text("x = 2\n", encoding="utf-8")
    assert run("tripod_files", arguments)["written"] == ["same.py"]


def test_the_applications_arrive_byte_for_byte(tmp_path: Path) -> None:
    """A tree is copied as it is, its own templates untouched, and copied again only after an edit here."""
    source, target = tmp_path / "apps", tmp_path / "host" / "apps"
    shutil.copytree(ROOT / "apps", source)
    names = sorted(
        path.relative_to(source).as_posix() for path in source.rglob("*.*") if path.suffix != ".pyc"
    )
    role = {"name": "host", "tasks_from": "tree"}
    variables = {"host_tree_source": str(source), "host_tree": str(target), "host_tree_files": names}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [str(ROOT / "playbooks/vars/controller.yml")],
    }
    tasks = [{"name": "Copy", "ansible.builtin.include_role": role, "vars": variables}]
    (tmp_path / "play.yml").write_text(json.dumps([{**play, "tasks": tasks}]), encoding="utf-8")
    for edited, changed in ((False, 1), (False, 0), (True, 1)):
        if edited:
            with (source / names[-1]).open("a", encoding="utf-8") as file:
                file.write("\n")
        done = playbook(str(tmp_path / "play.yml"))
        assert f"changed={changed} " in done.stdout, done.stdout + done.stderr
        assert {name: (target / name).read_bytes() for name in names} == {
            name: (source / name).read_bytes() for name in names
        }


def test_files_stay_below_their_directory(tmp_path: Path) -> None:
    """A path that leads out of the directory is refused, and nothing is written."""
    result = run("tripod_files", {"path": str(tmp_path / "tree"), "files": {"../out": "x"}})
    assert result["failed"]
    assert "../out" in result["msg"]
    assert list(tmp_path.iterdir()) == []


def test_a_leg_out_of_reach_is_named_with_address_and_port() -> None:
    """A port that refuses is a problem; a leg that answers is measured."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answering = threading.Thread(target=answer, args=(server,), daemon=True)
        answering.start()
        good = {"from": "app", "to": "db", "to_host": "my-db", "address": "127.0.0.1", "port": port}
        refused = good | {"from": "load", "to": "app", "to_host": "my-app", "port": 1}
        result = run("tripod_probe", {"pairs": [refused, good]})
        answering.join(5)
    [problem] = result["problems"]
    assert problem == "the load leg cannot reach the app leg, my-app, at 127.0.0.1:1: Connection refused"
    [pair] = result["pairs"]
    assert 0 < pair["round_trip_ms"]["min"] <= pair["round_trip_ms"]["med"]


def answer(server: socket.socket) -> None:
    """Accept, as the listener on the other leg does, until it is told that this was all."""
    while True:
        connection, _ = server.accept()
        with connection:
            if connection.recv(64) == b"tripod: done\n":
                return


def test_limits_come_back(tmp_path: Path) -> None:
    """Limits are set and read back; a reset gives what was there before the first of two changes."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root on Linux, and unshare, for a network of its own")
    with subprocess.Popen(["unshare", "--net", "sleep", "60"]) as namespace:
        try:
            check_limits(tmp_path, ("nsenter", "--net", "--target", str(namespace.pid), "--"))
        finally:
            namespace.kill()


def check_limits(tmp_path: Path, inside: tuple[str, ...]) -> None:
    """Set, set something else, reset and reset again in a network namespace."""

    def limit() -> str:
        command = [*inside, "sysctl", "-n", "net.core.somaxconn"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    places = {"file": str(tmp_path / "60-tripod.conf"), "before": str(tmp_path / "limits.before")}
    original = limit()
    for value in ("1234", "2345"):
        arguments = {
            "values": {"net.core.somaxconn": value, "net.ipv4.ip_local_port_range": "2000 60000"},
            **places,
        }
        assert run("tripod_limits", arguments, before=inside)["changed"]
        assert limit() == value
        assert f"net.core.somaxconn = {value}\n" in (tmp_path / "60-tripod.conf").read_text(encoding="ascii")
        assert not run("tripod_limits", arguments, before=inside)["changed"]
    assert run("tripod_limits", {"state": "absent", **places}, before=inside)["changed"]
    assert limit() == original
    assert list(tmp_path.iterdir()) == []
    assert not run("tripod_limits", {"state": "absent", **places}, before=inside)["changed"]
    wrong = {"values": {"net.core.no_such_limit": 1}, **places}
    assert "no_such_limit" in run("tripod_limits", wrong, before=inside)["msg"]
