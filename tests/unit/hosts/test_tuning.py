"""Governor and turbo: what is set, remembered, given back, told; the scripts really write files."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tripod.hosts import tuning

SCRIPTS = Path(__file__).resolve().parents[3] / "roles/tuning/files"
CPUS = "devices/system/cpu"


def switches(sys: Path, files: dict[str, str]) -> None:
    """Make files as sysfs has them."""
    for name, value in files.items():
        path = sys / CPUS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n", encoding="ascii")


def look(sys: Path, before: Path) -> str:
    """Return what the script prints."""
    command = ["/bin/sh", str(SCRIPTS / "look.sh"), str(sys), str(before)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout


def write(values: dict[str, str]) -> bool:
    """Write values with the script; return whether it says that all were written."""
    pairs = [part for pair in values.items() for part in pair]
    command = ["/bin/sh", str(SCRIPTS / "write.sh"), *pairs]
    return subprocess.run(command, check=False, timeout=20).returncode == 0


TURBO = {"intel_pstate/no_turbo": "0"}
GOVERNORS = {
    f"cpu{cpu}/cpufreq/{file}": value
    for cpu in (0, 11)
    for file, value in (
        ("scaling_governor", "powersave"),
        ("scaling_available_governors", "performance powersave"),
    )
}


def test_what_was_there_first_comes_back(tmp_path: Path) -> None:
    """All cores and turbo are set; a second time nothing is; a reset gives what was there first."""
    switches(tmp_path, GOVERNORS | TURBO)
    before = tmp_path / "before"
    first = look(tmp_path, before)
    changes = tuning.differing(first)
    assert sorted(changes.values()) == ["1", "performance", "performance"]
    assert tuning.problems(first)
    before.write_text(json.dumps(tuning.remembered(first)), encoding="ascii")
    assert write(changes)
    second = look(tmp_path, before)
    assert (tuning.differing(second), tuning.problems(second), tuning.lacking(second, "h")) == ({}, [], [])
    assert tuning.remembered(second) == tuning.before(second)
    assert write(tuning.before(second))
    assert look(tmp_path, tmp_path / "none") == first


def test_a_kernel_without_switches_is_told(tmp_path: Path) -> None:
    """As in a VM: nothing is set, and a line each says so; what does not exist is not written."""
    text = look(tmp_path, tmp_path / "none")
    assert tuning.differing(text) == tuning.before(text) == {}
    governor, turbo = tuning.lacking(text, "app-1")
    assert governor.startswith("app-1: governor cannot be set: the kernel shows no switch")
    assert turbo.startswith("app-1: turbo cannot be set")
    assert write({str(tmp_path / "none" / "boost"): "0"})
    assert not (tmp_path / "none").exists()


def test_a_governor_that_the_driver_lacks_is_told(tmp_path: Path) -> None:
    """Without `performance` among those available there is nothing to set."""
    switches(
        tmp_path, GOVERNORS | {"cpu0/cpufreq/scaling_available_governors": "schedutil", "cpufreq/boost": "0"}
    )
    text = look(tmp_path, tmp_path / "none")
    assert list(tuning.differing(text)) == [str(tmp_path / CPUS / "cpu11/cpufreq/scaling_governor")]
    assert [line for line in tuning.lacking(text, "h") if "governor is powersave and cannot be set" in line]


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_switch_that_cannot_be_written_fails_the_reset(tmp_path: Path, bad: int) -> None:
    """Whichever of them it is, the others are written, and what was there before is not forgotten."""
    paths = [tmp_path / name for name in ("one", "two", "three")]
    for at, path in enumerate(paths):
        path.mkdir() if at == bad else path.write_text("0\n", encoding="ascii")
    assert not write({str(path): "1" for path in paths})
    assert [path.read_text(encoding="ascii") for path in paths if path.is_file()] == ["1\n", "1\n"]


@pytest.mark.parametrize("value", ["", "two words"])
def test_a_switch_without_a_plain_value(tmp_path: Path, value: str) -> None:
    """An offline core's governor may be empty: it is read, and nothing empty is written back."""
    switches(tmp_path, GOVERNORS | {"cpu0/cpufreq/scaling_governor": value})
    first = look(tmp_path, tmp_path / "none")
    path = str(tmp_path / CPUS / "cpu0/cpufreq/scaling_governor")
    assert tuning.read(first).now[path] == value
    assert tuning.differing(first)[path] == "performance"
    assert write(tuning.differing(first))
    assert write(tuning.remembered(first))
    assert Path(path).read_text(encoding="ascii").strip() == (value or "performance")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_what_only_root_may_set_is_told(tmp_path: Path) -> None:
    """On localhost without root nothing is written, and a line says why."""
    switches(tmp_path, TURBO)
    (tmp_path / CPUS / "intel_pstate/no_turbo").chmod(0o444)
    text = look(tmp_path, tmp_path / "none")
    assert tuning.differing(text) == {}
    assert "turbo is 0 and cannot be set" in tuning.lacking(text, "h")[1]
