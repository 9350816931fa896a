"""Kernel limits: what is set, remembered and given back, by what the script really prints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tripod.hosts import kernel

SCRIPT = Path(__file__).resolve().parents[3] / "roles/kernel/files/look.sh"
WANTED = {"net.core.somaxconn": 4096, "net.ipv4.ip_local_port_range": "1024 65535"}
NOW = "net.core.somaxconn = 128\nnet.ipv4.ip_local_port_range = 1024\t65535\n"
BOOT = "# Set by Tripod\nnet.core.somaxconn=4096\nnet.ipv4.ip_local_port_range=1024 65535\n"


def seen(now: str = NOW, boot: str = "", before: str = "") -> str:
    """Return what the script prints."""
    return f"{now}\x1d\n{boot}\x1d\n{before}"


def test_what_differs_now_or_at_boot_is_set() -> None:
    """A limit that holds now is set all the same while the boot would not set it, and the other way round."""
    assert kernel.differing(seen(), WANTED) == {name: str(value) for name, value in WANTED.items()}
    assert kernel.differing(seen(boot=BOOT), WANTED) == {"net.core.somaxconn": "4096"}
    assert kernel.differing(seen(NOW.replace("128", "4096"), BOOT), WANTED) == {}


def test_the_first_value_is_remembered() -> None:
    """What was there before the first of two changes is kept; what the kernel lacks is not."""
    first = kernel.remembered(seen(), WANTED | {"no.such": 1})
    assert first == {"net.core.somaxconn": "128", "net.ipv4.ip_local_port_range": "1024 65535"}
    again = seen(NOW.replace("128", "4096"), BOOT, json.dumps(first))
    assert kernel.remembered(again, WANTED) == kernel.before(again) == first
    assert kernel.before(seen()) == {}


def test_what_did_not_take_is_named() -> None:
    """With what it is, what was wanted, and for a limit that the kernel lacks, that it does."""
    assert kernel.problems(seen(), WANTED) == ["net.core.somaxconn is 128, wanted 4096"]
    assert kernel.problems(seen(), {"no.such": 1}) == ["no.such is not known there, wanted 1"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
def test_the_script_reads_this_machine(tmp_path: Path) -> None:
    """It prints limits in force, and the files where they are there."""
    (tmp_path / "boot").write_text(BOOT, encoding="utf-8")
    command = ["/bin/sh", str(SCRIPT), str(tmp_path / "boot"), str(tmp_path / "none"), *WANTED, "no.such"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    read = kernel.read(done.stdout.rstrip("\n"))
    assert read.now.keys() == WANTED.keys()
    assert len(read.now["net.ipv4.ip_local_port_range"].split(" ")) == 2
    assert read.boot == {name: str(value) for name, value in WANTED.items()}
    assert read.before == {}
