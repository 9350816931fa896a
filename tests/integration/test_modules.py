"""Tripod's own Ansible modules, run as a play runs them, on this machine."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from module_runs import run
from playbook_runs import PLAYBOOK, ROOT, playbook

pytestmark = pytest.mark.localhost


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
    files = f"{{{{ '{source}' | tripod_tree({names}) }}}}"
    copy = {"path": str(target), "files": files, "exactly": ["**/*"]}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [str(ROOT / "playbooks/vars/controller.yml")],
    }
    tasks = [{"name": "Copy", "tripod_files": copy}]
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


def test_files_that_one_user_may_read(tmp_path: Path) -> None:
    """They belong to root and that user's group, others see none of them, and both are mended."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root, and the users of Linux")
    root = tmp_path / "tree"
    arguments = {"path": str(root), "files": {"a/b/c.py": "x = 1\n"}, "reader": "daemon"}
    assert run("tripod_files", arguments)["written"] == ["a/b/c.py"]

    def seen() -> list[tuple[str, str, int]]:
        places = [root, root / "a", root / "a/b", root / "a/b/c.py"]
        return [(path.owner(), path.group(), path.stat().st_mode & 0o777) for path in places]

    closed = ("root", "daemon", 0o750)
    right = [("root", "root", 0o755), closed, closed, ("root", "daemon", 0o640)]
    assert seen() == right
    assert not run("tripod_files", arguments)["changed"]
    shutil.chown(root / "a/b/c.py", "daemon")
    (root / "a").chmod(0o755)
    assert run("tripod_files", arguments)["written"] == ["a/b/c.py"]
    assert seen() == right
    missing = run("tripod_files", arguments | {"reader": "no-such-user"})
    assert "there is no user no-such-user; provision makes it" in missing["msg"]


def test_files_stay_below_their_directory(tmp_path: Path) -> None:
    """A path that leads out of the directory is refused, and nothing is written."""
    result = run("tripod_files", {"path": str(tmp_path / "tree"), "files": {"../out": "x"}})
    assert result["failed"]
    assert "../out" in result["msg"]
    assert list(tmp_path.iterdir()) == []


def test_a_leg_out_of_reach_is_told_from_one_that_answers() -> None:
    """A port that refuses is a problem, with why; a leg that answers is measured."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answering = threading.Thread(target=answer, args=(server,), daemon=True)
        answering.start()
        good = {"from": "app", "to": "db", "to_host": "my-db", "address": "127.0.0.1", "port": port}
        refused = good | {"from": "load", "to": "app", "to_host": "my-app", "port": 1}
        result = run("tripod_reach", {"connect": [refused, good]})
        answering.join(5)
    assert result["problems"] == [refused | {"why": "Connection refused"}]
    [pair] = result["pairs"]
    assert 0 < pair["round_trip_ms"]["min"] <= pair["round_trip_ms"]["med"]


def answer(server: socket.socket) -> None:
    """Accept, as the listener on the other leg does, until it is told that this was all."""
    while True:
        connection, _ = server.accept()
        with connection:
            if connection.recv(64) == b"tripod: done\n":
                return


def test_what_listens_goes_when_it_was_reached() -> None:
    """A port is listened on until a connection says goodbye; until then a second listener takes it over."""
    # Not one that the system gives to clients of other tests meanwhile.
    port = random.SystemRandom().randrange(20_000, 30_000)
    listen = {"listen": {"address": "127.0.0.1", "ports": [port], "seconds": 30}}
    assert run("tripod_reach", listen)["problems"] == []
    assert run("tripod_reach", listen)["problems"] == []
    pair = {"from": "app", "to": "db", "to_host": "my-db", "address": "127.0.0.1", "port": port}
    assert len(run("tripod_reach", {"connect": [pair]})["pairs"]) == 1
    with socket.create_server(("127.0.0.1", port)):
        [problem] = run("tripod_reach", listen)["problems"]
    assert (problem["error"], problem["port"]) == ("EADDRINUSE", port)
    assert f"process {os.getpid()} (" in problem["holder"]


def test_what_listens_waits_for_all_who_call() -> None:
    """Of two callers, as two load hosts are, the first to be done leaves the port to the second."""
    port = random.SystemRandom().randrange(20_000, 30_000)
    listen = {"listen": {"address": "127.0.0.1", "ports": [port], "callers": 2, "seconds": 30}}
    assert run("tripod_reach", listen)["problems"] == []
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(b"tripod: done\n")
            assert caller.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_limits_come_back(tmp_path: Path) -> None:
    """Limits are set and read back; a reset gives what was there before the first of two changes."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root on Linux, and unshare, for a network of its own")
    with subprocess.Popen(["unshare", "--net", "sleep", "900"]) as namespace:
        try:
            check_limits(tmp_path, ("nsenter", "--net", "--target", str(namespace.pid), "--"))
        finally:
            namespace.kill()


def role(path: Path, name: str, entry: str, variables: dict[str, Any], before: tuple[str, ...]) -> str:
    """Run an entry of a role on localhost and return the output; `before` stands before the command."""
    tasks = [{"name": "Run", "ansible.builtin.include_role": {"name": name, "tasks_from": entry}}]
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    (path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    return subprocess.run(
        [*before, PLAYBOOK, str(path / "play.yml")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    ).stdout


def check_limits(tmp_path: Path, inside: tuple[str, ...]) -> None:
    """Set, set something else, reset and reset again in a network namespace."""

    def limit() -> str:
        command = [*inside, "sysctl", "-n", "net.core.somaxconn"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def kernel(entry: str, **limits: object) -> str:
        variables = {"kernel_root": str(tmp_path), "kernel_limits": limits}
        places = {"kernel_file": str(tmp_path / "60-tripod.conf")}
        return role(tmp_path, "kernel", entry, variables | places, inside)

    original = limit()
    wanted = {"net.ipv4.ip_local_port_range": "2000 60000"}
    for value in (1234, "2345"):
        told = kernel("main", **wanted, **{"net.core.somaxconn": value})
        assert "Set the limits, now and at boot  [changed: localhost]" in told, told
        assert limit() == str(value)
        boot = (tmp_path / "60-tripod.conf").read_text(encoding="ascii")
        assert boot.startswith("# Set by Tripod")
        assert "net.core.somaxconn" in boot
        assert "changed=0 " in kernel("main", **wanted, **{"net.core.somaxconn": value})
    assert "changed=2 " in kernel("reset")
    assert limit() == original
    assert [path.name for path in tmp_path.iterdir()] == ["play.yml"]
    assert "changed=0 " in kernel("reset")
    assert "no_such_limit" in kernel("main", **{"net.core.no_such_limit": 1})


def test_governor_and_turbo_come_back(tmp_path: Path) -> None:
    """The role sets both, reads them back and remembers; a reset gives back what was there."""
    sys_place, root = tmp_path / "sys", tmp_path / "root"
    cpufreq = sys_place / "devices/system/cpu/cpu0/cpufreq"
    turbo = sys_place / "devices/system/cpu/intel_pstate/no_turbo"
    for directory in (cpufreq, turbo.parent, root):
        directory.mkdir(parents=True)
    governor = cpufreq / "scaling_governor"
    governor.write_text("schedutil\n", encoding="ascii")
    (cpufreq / "scaling_available_governors").write_text("schedutil performance\n", encoding="ascii")
    turbo.write_text("0\n", encoding="ascii")

    def tuning(entry: str) -> str:
        return role(tmp_path, "tuning", entry, {"tuning_root": str(root), "tuning_sys": str(sys_place)}, ())

    def values() -> list[str]:
        return [path.read_text(encoding="ascii").strip() for path in (governor, turbo)]

    told = tuning("main")
    assert "Set governor and turbo until the next boot  [changed: localhost]" in told, told
    assert values() == ["performance", "1"]
    assert "changed=0 " in tuning("main")
    assert "changed=2 " in tuning("reset")
    assert values() == ["schedutil", "0"]
    assert list(root.iterdir()) == []
    assert "changed=0 " in tuning("reset")
    turbo.unlink()
    governor.unlink()
    assert "governor cannot be set: the kernel shows no switch for it" in tuning("main")
