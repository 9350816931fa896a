"""Tripod's own Ansible modules, each run by itself on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from playbook_runs import ROOT

ANSIBLE = str(Path(sys.executable).with_name("ansible"))
ENVIRONMENT = {"ANSIBLE_LOAD_CALLBACK_PLUGINS": "1", "ANSIBLE_STDOUT_CALLBACK": "json"}


def run(
    module: str, arguments: dict[str, Any], *, before: tuple[str, ...] = (), timeout_s: float = 60
) -> dict[str, Any]:
    """Run a module on localhost and return its result; `before` stands before the command."""
    done = subprocess.run(
        [*before, ANSIBLE, "localhost", "-m", module, "-a", json.dumps(arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
        env=os.environ | ENVIRONMENT,
    )
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"]["localhost"]
    return result
