"""What a person reads: errors as text and once, tables as text, Ansible's own output on request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, playbook

pytestmark = pytest.mark.localhost

ANSIBLE = str(Path(sys.executable).with_name("ansible"))


def test_every_problem_has_one_line() -> None:
    """Two bad parameters are two lines, each printed once, and nothing of the machinery around them."""
    done = playbook("bench.yml", "-e", "db_sleep=-5", "-e", "wrokers=2")
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    assert sum(line.startswith("db_sleep is '-5'; allowed: ") for line in lines) == 1
    assert (
        sum(line.startswith("-e wrokers=… is not a parameter; did you mean workers?") for line in lines) == 1
    )
    assert "TASK" not in done.stdout
    assert "Origin" not in done.stdout + done.stderr
    assert "FAILED" not in done.stdout
    assert (done.stdout + done.stderr).count("db_sleep") == 2  # the problem, and the list of all parameters


def test_colour_does_not_change_the_words() -> None:
    """With colours forced on, the same lines come out between escape sequences."""
    done = subprocess.run(
        [ANSIBLE + "-playbook", "bench.yml", "-e", "db_sleep=-5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"ANSIBLE_FORCE_COLOR": "1"},
    )
    assert "\033[" in done.stdout
    assert "db_sleep is '-5'; allowed: whole milliseconds" in done.stdout


def test_verbose_is_ansibles_own() -> None:
    """With -v the output is that of Ansible's default callback."""
    done = playbook("bench.yml", "-e", "db_sleep=-5", "-v")
    assert "TASK [Refuse what is not allowed] **" in done.stdout
    assert "fatal: [localhost]: FAILED! =>" in done.stdout


@pytest.mark.parametrize("stage", ["fetch", "table"])
def test_an_unknown_run_is_named(stage: str) -> None:
    """A run that does not exist is one line, with what to type."""
    done = playbook(f"playbooks/{stage}.yml", "-e", "run_id=no-such-run")
    assert done.returncode == 2
    [line] = [line for line in done.stdout.splitlines() if "no-such-run" in line]
    assert line.startswith("no run 'no-such-run' in ")
    assert "make bench" in line or "./collect.py runs" in line


def fetch(directory: Path, dest: Path) -> dict[str, object]:
    """Fetch a directory of this machine with the action that the stage uses; return its result."""
    arguments = json.dumps({"directory": str(directory), "dest": str(dest)})
    done = subprocess.run(
        [ANSIBLE, "localhost", "-m", "tripod_fetch", "-a", arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={
            "PATH": "/usr/bin:/bin",
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
            "ANSIBLE_STDOUT_CALLBACK": "json",
        },
    )
    result: dict[str, object] = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"]["localhost"]
    return result


def test_fetch_brings_what_is_missing_byte_for_byte(tmp_path: Path) -> None:
    """Whatever a trial left is fetched once; a file that grew since is fetched anew; what is here stays."""
    remote, local = tmp_path / "remote", tmp_path / "local"
    (remote / "a-r1").mkdir(parents=True)
    (remote / "a-r1" / "k6.json").write_bytes(b'{"\xc3\xa4": 1}\n')
    (remote / "a-r1" / "measure.log").write_bytes(b"\xff\x00 not text")
    (local / "a-r1").mkdir(parents=True)
    (local / "a-r1" / "record.json").write_text("{}", encoding="utf-8")
    assert fetch(remote, local)["fetched"] == ["a-r1/k6.json", "a-r1/measure.log"]
    for name in ("k6.json", "measure.log"):
        assert (local / "a-r1" / name).read_bytes() == (remote / "a-r1" / name).read_bytes()
    again = fetch(remote, local)
    assert (again["changed"], again["fetched"]) == (False, [])
    with (remote / "a-r1" / "measure.log").open("ab") as log:
        log.write(b"more")
    assert fetch(remote, local)["fetched"] == ["a-r1/measure.log"]
    assert (local / "a-r1" / "measure.log").read_bytes().endswith(b"more")
    assert sorted(path.name for path in (local / "a-r1").iterdir()) == [
        "k6.json",
        "measure.log",
        "record.json",
    ]


def test_fetch_of_nothing_is_no_error(tmp_path: Path) -> None:
    """A host on which the run never began has no directory, and nothing is fetched."""
    assert fetch(tmp_path / "remote", tmp_path / "local")["fetched"] == []
