"""The k6 that provision checks is the one that trials run: there is one place that says which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
WHICH = "{{ here | tripod_k6_binary }}"
PLAYBOOK = str(Path(sys.executable).with_name("ansible-playbook"))


def handed(tree: Any, key: str) -> list[Any]:
    """Return every value that stands under `key`, wherever in a playbook."""
    if isinstance(tree, list):
        return [value for part in tree for value in handed(part, key)]
    if not isinstance(tree, dict):
        return []
    inner = [value for part in tree.values() for value in handed(part, key)]
    return [*([tree[key]] if key in tree else []), *inner]


def playbook(name: str) -> Any:
    """Return a playbook as data."""
    return yaml.safe_load((ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))


def test_provision_and_trials_are_handed_the_same_k6() -> None:
    """Both get the catalogue's answer to the host's variables, and no role has an answer of its own."""
    assert handed(playbook("provision"), "k6_binary") == [WHICH]
    assert WHICH.strip("{} ") in str(handed(playbook("measure"), "k6"))
    own = ("k6_path", "envs/k6", "bin/k6")
    files = [path for role in ("k6", "trial") for path in (ROOT / "roles" / role / "tasks").glob("*.yml")]
    assert not [path for path in files if any(text in path.read_text(encoding="utf-8") for text in own)]


def test_provision_refuses_the_k6_that_trials_would_run(tmp_path: Path) -> None:
    """Role k6, handed that answer, asks the binary of `k6_path` itself, and refuses its version by name."""
    binary, asked = tmp_path / "k6-0.57", tmp_path / "asked"
    binary.write_text(
        f'#!/bin/sh\necho "$0 $*" > {asked}\necho "k6-0 v0.57.0 (go1.23.6, linux/amd64)"\n', encoding="utf-8"
    )
    binary.chmod(0o755)
    here = {"tripod_root": str(tmp_path / "root"), "k6_source": "path", "k6_path": str(binary)}
    role = {"role": "k6", "k6_root": here["tripod_root"], "k6_source": "path", "k6_binary": WHICH}
    known = {"here": here, "ansible_python_interpreter": sys.executable}
    play = {"hosts": "localhost", "gather_facts": False, "vars": known, "roles": [role]}
    (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    done = subprocess.run(
        [PLAYBOOK, "-i", "localhost,", "-c", "local", str(tmp_path / "play.yml")],
        cwd=ROOT,
        env=os.environ | {"ANSIBLE_STDOUT_CALLBACK": "default"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert "k6 0.57.0 does not work here" in done.stdout, done.stdout + done.stderr
    assert asked.read_text(encoding="utf-8").strip() == f"{binary} version"
