"""What a run prints for each kind of event, through interfaces of Ansible's that are private to it.

`make test-cores` runs this on the oldest and the newest core that the lock has.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from playbook_runs import playbook

from tripod.report.task_text import lines

# What people read of callbacks.yml, one host after the other; of a line the beginning, as a pattern.
PRINTED = r"""
shown as it is
shown as it is
first
second
first
second
Tell of every event
  Run a command  \[changed: here, gone -> here\]$
  Do what was included  \[changed: here, gone -> here\]$
  Fail and go on
    failed, and the run goes on: here: (non-zero return code|The command exited with a non-zero return code.)
    why
    command: sh -c echo why >&2; exit 3
  Fail for some items
    failed, and the run goes on: here: (non-zero return code|The command exited with a non-zero return code.)
    bad 4
    command: sh -c echo bad 4 >&2; exit 4
  Reach what is gone
    UNREACHABLE: gone cannot be reached: ssh: connect to host 127.0.0.1 port
  Know nothing of it
    failed, and the run goes on: here: Finalization of task args for
here is refused: why, and the remedy
  Handle it  \[changed: gone -> here\]$
PLAY RECAP
""".strip().splitlines()


def told(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the playbook on a host that is this machine, and one where no sshd listens."""
    inventory = tmp_path / "hosts.json"
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    gone = {"ansible_host": "127.0.0.1", "ansible_port": 9}
    inventory.write_text(json.dumps({"all": {"hosts": {"here": here, "gone": gone}}}), encoding="utf-8")
    return playbook("-i", str(inventory), "--forks=1", "tests/integration/callbacks.yml", *arguments)


def test_each_event_is_told_once(tmp_path: Path) -> None:
    """Changes, messages, failures, a lost host, a handler: each has its lines, with nothing in between."""
    done = told(tmp_path)
    assert done.returncode == 2
    printed = [line for line in lines(done.stdout).splitlines() if line]
    printed = printed[: next(at for at, line in enumerate(printed) if line.startswith("PLAY RECAP")) + 1]
    wrong = [
        (line, wanted) for line, wanted in zip(printed, PRINTED, strict=False) if not re.match(wanted, line)
    ]
    assert wrong == []
    assert len(printed) == len(PRINTED)
    assert done.stderr == ""


def test_verbose_tells_it_as_ansible_does(tmp_path: Path) -> None:
    """With -v the events go to Ansible's default callback, and nothing of ours is printed."""
    done = told(tmp_path, "-v")
    assert "TASK [Change something] ***" in done.stdout
    assert "RUNNING HANDLER [Handle it] ***" in done.stdout
    assert "UNREACHABLE! =>" in done.stdout
    assert "cannot be reached" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
