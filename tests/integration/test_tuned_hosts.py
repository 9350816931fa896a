"""`-e tune=true` and reset.yml, from end to end, on switches that this machine need not have.

In a mount namespace of its own, what /sys says of the processors is a directory that has governors and turbo.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playbook_runs import PLAYBOOK, ROOT

CPUS = Path("/sys/devices/system/cpu")
INVENTORY = """
all:
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
    service_manager: supervisor
    bench_address: 127.0.0.1
    tripod_root: {root}
load: {{hosts: {{localhost: {{}}}}}}
app: {{hosts: {{localhost: {{}}}}}}
db: {{hosts: {{localhost: {{}}}}}}
"""
IN_NAMESPACE = f'mount --bind "$0" {CPUS} && exec "$@"'
SWITCHES = ("cpu0/cpufreq/scaling_governor", "cpu1/cpufreq/scaling_governor", "intel_pstate/no_turbo")


def able() -> bool:
    """Whether a process may have a namespace of its own, and see another directory there."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    command = ["unshare", "--mount", "mount", "--bind", str(ROOT), str(CPUS)]
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0


pytestmark = [
    pytest.mark.localhost,
    pytest.mark.long,
    pytest.mark.skipif(not able(), reason="needs Linux, root, and mounts that root may make"),
]


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a directory with `cpu`, as sysfs has it, with switches, and an inventory whose root is there."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # supervisor's socket has a short path
        made = Path(folder)
        made.chmod(0o755)
        # most of it cannot be read by name: what the C library asks for its number of processors can
        for name in ("online", "possible", "present"):
            (made / "cpu").mkdir(exist_ok=True)
            (made / "cpu" / name).write_text((CPUS / name).read_text(encoding="ascii"), encoding="ascii")
        for name in SWITCHES:
            (made / "cpu" / name).parent.mkdir(parents=True)
        for core in (0, 1):
            cpufreq = made / "cpu" / f"cpu{core}/cpufreq"
            (cpufreq / "scaling_governor").write_text("schedutil\n", encoding="ascii")
            (cpufreq / "scaling_available_governors").write_text("schedutil performance\n", encoding="ascii")
        (made / "cpu/intel_pstate/no_turbo").write_text("0\n", encoding="ascii")
        (made / "hosts.yml").write_text(INVENTORY.format(root=made / "root"), encoding="utf-8")
        yield made


def played(place: Path, stage: str, *arguments: str) -> str:
    """Run a playbook in the namespace, to a good end; return what it printed."""
    command = [PLAYBOOK, "-i", str(place / "hosts.yml"), f"playbooks/{stage}.yml", *arguments]
    inside = ["unshare", "--mount", "/bin/sh", "-c", IN_NAMESPACE, str(place / "cpu"), *command]
    done = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def values(place: Path) -> list[str]:
    """Return what the switches hold."""
    return [(place / "cpu" / name).read_text(encoding="ascii").strip() for name in SWITCHES]


def test_it_is_set_read_back_and_given_back(place: Path) -> None:
    """Provision sets all cores and turbo, and says that they are ready; a second time nothing changes."""
    said = played(place, "provision", "-e", "matrix=quick", "-e", "tune=true")
    assert values(place) == ["performance", "performance", "1"]
    assert (place / "root/tuning.before").exists()
    assert "did not take" not in said
    assert "schedutil" not in said
    again = played(place, "provision", "-e", "matrix=quick", "-e", "tune=true")
    assert "Set governor and turbo" not in again
    assert "changed=0" in again
    played(place, "reset")
    assert values(place) == ["schedutil", "schedutil", "0"]
    assert not (place / "root").exists()


def test_without_it_nothing_is_touched_and_the_remedy_is_told(place: Path) -> None:
    """Readiness names the governor that it saw, and what to type."""
    said = played(place, "provision", "-e", "matrix=quick")
    assert values(place) == ["schedutil", "schedutil", "0"]
    assert "schedutil" in said
    assert "-e tune=true" in said
    played(place, "reset")
    assert values(place) == ["schedutil", "schedutil", "0"]
