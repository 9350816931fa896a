"""The lab itself: made once, made whole again, and each host on CPUs of its own."""

from __future__ import annotations

import os
import signal

import pytest
from playbook_runs import Lab

pytestmark = pytest.mark.lab


def changed(output: str) -> int:
    """Return how many tasks changed something."""
    return int(output.split("PLAY RECAP")[1].split("changed=")[1].split(maxsplit=1)[0])


def test_up_again_changes_nothing(lab: Lab) -> None:
    """A second `make lab-up` finds everything as it should be: nothing is built or booted."""
    carriers = {host: lab.nspawn(host) for host in lab.hosts}
    assert changed(lab.up().stdout) == 0
    assert {host: lab.nspawn(host) for host in lab.hosts} == carriers


@pytest.mark.long
def test_a_dead_host_is_booted_again(lab: Lab) -> None:
    """A host whose nspawn was killed is up after `make lab-up`, with its files; the others stay."""
    lab.ssh("tripod-db", "echo kept > here-before")
    app, dead = lab.nspawn("tripod-app"), lab.nspawn("tripod-db")
    os.kill(dead, signal.SIGKILL)
    lab.up()
    assert lab.nspawn("tripod-db") != dead
    assert lab.nspawn("tripod-app") == app
    assert lab.ssh("tripod-db", "cat here-before; rm here-before") == "kept\n"


def test_the_app_host_owns_its_cpus(lab: Lab) -> None:
    """What runs on the app host shares no CPU with the other hosts, where there is more than one."""
    own = {host: allowed(lab.ssh(host, "grep Cpus_allowed_list: /proc/self/status")) for host in lab.hosts}
    others = own["tripod-load"] | own["tripod-db"]
    everything = os.sched_getaffinity(0)
    assert own["tripod-app"] | others == everything
    assert bool(own["tripod-app"] & others) == (len(everything) == 1)


def allowed(line: str) -> set[int]:
    """Return the CPUs that a line such as `Cpus_allowed_list: 0-2,5` names."""
    cpus = set()
    for part in line.split(":")[1].strip().split(","):
        first, _, last = part.partition("-")
        cpus |= set(range(int(first), int(last or first) + 1))
    return cpus
