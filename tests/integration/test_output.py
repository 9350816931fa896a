"""What a person reads: errors as text and once, tables as text, Ansible's own output on request."""

from __future__ import annotations

import os
import subprocess

import pytest
from playbook_runs import PLAYBOOK, ROOT, playbook

pytestmark = pytest.mark.localhost


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
        [PLAYBOOK, "bench.yml", "-e", "db_sleep=-5"],
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
    [line] = [line for line in done.stdout.splitlines() if line.startswith("no run")]
    assert "make bench" in line or ("'no-such-run'" in line and "./collect.py runs" in line)
