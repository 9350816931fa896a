"""What a person reads: errors as text and once, tables as text, Ansible's own output on request."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from playbook_runs import PLAYBOOK, ROOT, playbook

pytestmark = pytest.mark.localhost


def test_every_problem_has_one_line() -> None:
    """Two bad parameters are two lines, each printed once, and nothing of the machinery around them."""
    done = playbook("bench.yml", "-e", "db_sleep=-5", "-e", "wrokers=2")
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    assert lines[0] == "-e wrokers is '2': bench.yml takes no such name; did you mean workers?"
    assert lines[1].startswith("allowed with -e in bench.yml: parameters: matrix, db_sleep, workers, ")
    assert lines[2].startswith("db_sleep is '-5'; allowed: whole milliseconds")
    assert len(lines) == 3
    assert done.stderr == ""


def test_a_stage_alone_takes_its_own_names_only() -> None:
    """`runid` is no `run_id`: a table of the latest run, which was not asked for, is not made."""
    done = playbook("playbooks/table.yml", "-e", "runid=x")
    assert done.returncode == 2
    problem, allowed = done.stdout.splitlines()
    assert problem == "-e runid is 'x': playbooks/table.yml takes no such name; did you mean run_id?"
    assert allowed == "allowed with -e in playbooks/table.yml: of a run that exists: run_id"


def test_settings_that_are_not_ours(tmp_path: Path) -> None:
    """With another ansible.cfg, or none since Ansible was started elsewhere, its remedy alone is told."""
    own, other = tmp_path / "ansible.cfg", tmp_path / "home" / ".ansible.cfg"
    other.parent.mkdir()
    for file in (own, other):
        file.touch()
    named = os.environ | {"ANSIBLE_CONFIG": str(own)}
    there = f"cd {shlex.quote(str(ROOT))}"
    elsewhere = f"start it in the checkout; type: {there}"
    for found, told, place, environment in (
        (f"settings are those of {own}", "set; type: unset ANSIBLE_CONFIG", ROOT, named),
        (f"settings are those of {own}", f"set; type: unset ANSIBLE_CONFIG; {there}", tmp_path, named),
        (f"settings are those of {other}", elsewhere, "/", os.environ | {"HOME": str(other.parent)}),
        ("Ansible found no settings", elsewhere, "/", os.environ | {"HOME": str(tmp_path)}),
    ):
        done = subprocess.run(
            [PLAYBOOK, str(ROOT / "bench.yml")],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment,
        )
        assert done.returncode != 0
        assert f"{found}; allowed: {ROOT}/ansible.cfg; " in done.stderr
        assert f"{told}\n" in done.stderr
        assert done.stderr.count("[ERROR]") == 1
        assert "TASK" not in done.stdout


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
    done = playbook("bench.yml", "-e", "matrix=nope", "-v")
    assert "TASK [Refuse what is not allowed] **" in done.stdout
    assert "fatal: [localhost]: FAILED! =>" in done.stdout


@pytest.mark.parametrize("stage", ["fetch", "table"])
def test_an_unknown_run_is_named(stage: str) -> None:
    """A run that does not exist is one line, with what to type."""
    done = playbook(f"playbooks/{stage}.yml", "-e", "run_id=no-such-run")
    assert done.returncode == 2
    [line] = [line for line in done.stdout.splitlines() if line.startswith("no run")]
    assert "make bench" in line or ("'no-such-run'" in line and "./collect.py runs" in line)


def test_a_plan_is_shown_and_no_host_is_touched(tmp_path: Path) -> None:
    """Hosts that nobody has are planned for at once: what, how long, where; nothing is written."""
    inventory = tmp_path / "far.yml"
    hosts = {
        leg: {"hosts": {f"far-{leg}": {"ansible_host": "198.51.100.7"}}} for leg in ("load", "app", "db")
    }
    inventory.write_text(json.dumps({"all": {"children": hosts}}), encoding="utf-8")
    run_id = ("-e", "run_id=never-made")
    done = playbook("-i", str(inventory), "playbooks/preview.yml", "-e", "matrix=quick", *run_id)
    assert done.returncode == 0, done.stdout + done.stderr
    first, *lines = [line for line in done.stdout.splitlines() if line]
    assert first.startswith("never-made: 30 trials of 10 cells under load saturate, about ")
    facts = {line.split()[0]: line for line in lines}
    assert {"matrix", "load", "cells", "hosts", "provision", "deploy", "measure", "tabulate"} <= set(facts)
    assert "far-app" in facts["hosts"]
    assert "PLAY RECAP" not in done.stdout
    assert not (ROOT / "results/never-made").exists()
