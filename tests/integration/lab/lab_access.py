"""Who may do what on a host of the lab: users, files, restrictions of units, and what is not Tripod's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playbook_runs import Lab

# What systemd's own judgement may be at most (0 is best): of what is measured, and of all else.
MEASURED, ELSE = 3.2, 2.0
UNITS = "etc/systemd/system"
FOREIGN = "[Unit]\nDescription=Not Tripod's\n[Service]\nExecStart=/bin/sleep infinity\n"
# Everybody may read words for people, packages and their names; where no k6 runs, that a lease was lost.
PUBLIC = re.compile(
    r"/opt/tripod(/(README\.tripod|ca\.pem|limits\.before|tuning\.before|(requirements|envs)(/.*)?"
    r"|runs(/[^/]+(/lease-lost\.json)?)?))?"
)


def found(lab: Lab, host: str, user: str, what: str) -> list[str]:
    """Return what of Tripod's directory `find` finds as a user: `-readable` or `-writable`; links aside."""
    become = f"sudo setpriv --reuid={user} --regid=$(id -g {user}) --clear-groups"
    return lab.ssh(host, f"{become} find /opt/tripod ! -type l {what} 2>/dev/null; true").splitlines()


def users(lab: Lab, host: str) -> dict[str, int]:
    """Return the users of Tripod on a host, with their numbers."""
    lines = (lab.root(host) / "etc/passwd").read_text(encoding="utf-8").splitlines()
    entries = [line.split(":") for line in lines]
    return {entry[0]: int(entry[2]) for entry in entries if entry[5] == "/opt/tripod"}


def check_files(lab: Lab, host: str, wanted: set[str], may_write: str = r"(?!)") -> None:
    """Hold that these users are there and may write what matches only, and that others read nothing of it."""
    assert wanted <= users(lab, host).keys()
    hidden = [path for path in found(lab, host, "nobody", "-readable") if not PUBLIC.fullmatch(path)]
    assert hidden == []
    for user in wanted:
        assert [path for path in found(lab, host, user, "-writable") if not re.match(may_write, path)] == []


def exposure(lab: Lab, host: str, *units: str) -> dict[str, float]:
    """Return what `systemd-analyze security` says of these units; without any, of all that run."""
    running = "$(systemctl list-units --plain --no-legend 'tripod-*.service' | cut -d ' ' -f 1)"
    listed = " ".join(units) or running
    ask = f"for unit in {listed}; do systemd-analyze security --no-pager $unit | tail -n 1; done"
    return {unit: float(score) for unit, score in re.findall(r"for (\S+): (\d+\.\d)", lab.ssh(host, ask))}


def deployed_units(lab: Lab, host: str) -> list[str]:
    """Return the names of the units that deploy made on a host, which are those that are measured."""
    paths = (lab.root(host) / UNITS).glob("tripod-*.service")
    return sorted(path.name for path in paths if "[X-Tripod]\nRoot=/opt/tripod\n" in path.read_text())


def process(pid: int) -> dict[str, str]:
    """Return what the kernel says of a process, seen from this machine."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return {key: value.strip() for key, value in re.findall(r"^(\w+):(.*)$", text, re.MULTILINE)}


@contextmanager
def foreign_unit(lab: Lab, host: str, name: str) -> Iterator[None]:
    """Let a unit run that is not Tripod's, and hold that it is the same and still runs at the end."""
    path = lab.root(host) / UNITS / f"{name}.service"
    show = f"systemctl show -P ActiveState -P InvocationID {name}"
    path.write_text(FOREIGN, encoding="utf-8")
    try:
        before = lab.ssh(host, f"sudo systemctl daemon-reload && sudo systemctl start {name} && {show}")
        assert before.startswith("active\n")
        yield
        assert lab.ssh(host, show) == before
        assert path.read_text(encoding="utf-8") == FOREIGN
    finally:
        lab.ssh(host, f"sudo systemctl stop {name}")
        path.unlink(missing_ok=True)
        lab.ssh(host, "sudo systemctl daemon-reload")


@contextmanager
def foreign_user(lab: Lab, host: str, name: str) -> Iterator[None]:
    """Let there be a user that is not Tripod's, and hold that it is still there at the end."""
    if name not in users(lab, host):
        lab.ssh(host, f"sudo useradd --system --no-create-home --home-dir /opt/tripod {name}")
    try:
        yield
    finally:
        lab.ssh(host, f"sudo userdel {name}")  # it fails where the user is gone
