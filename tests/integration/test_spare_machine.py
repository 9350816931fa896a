"""The spare machine that playbooks run in finds what a Mac would not do."""

from __future__ import annotations

import subprocess

import spare_machine


def run(script: str) -> str:
    """Run a script as playbooks run; return what it printed, errors included."""
    return subprocess.run(
        spare_machine.limited(["/bin/sh", "-c", script]),
        env=spare_machine.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=30,
    ).stdout


def test_it_lacks_what_only_gnu_and_linux_have() -> None:
    """No getent, ip, ss, systemctl or readlink, and 256 open files."""
    found = run("command -v getent ip ss systemctl readlink python3; ulimit -Sn")
    assert found.split() == [str(spare_machine.OPEN_FILES)]


def test_an_option_that_a_mac_lacks_is_told_once() -> None:
    """Options of the table pass, with their value behind them or not; others are named with their call."""
    run("ls -A /; cut -d: -f1 /dev/null; ps -ww -o args= -p $$; mkdir -p /tmp; sh -c 'exit 0' -x")
    assert spare_machine.strange() == []
    run("ls --color /; chmod --reference=/tmp /nowhere; cut -d: -z -f1 /dev/null")
    assert spare_machine.strange() == [
        "ls --color /",
        "chmod --reference=/tmp /nowhere",
        "cut -d: -z -f1 /dev/null",
    ]
    assert spare_machine.strange() == []
