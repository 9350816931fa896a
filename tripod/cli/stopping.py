"""Stops what a run left on its hosts, by running playbooks/stop.yml with the run's own way to reach them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LIMIT_S = 60
_SHOWN = 4000


def stop(root: Path, chosen: Mapping[str, Any], variables: Mapping[str, object]) -> str:
    """Run the playbook, and return what it said if it failed; empty if all is stopped.

    Args:
        root: the checkout.
        chosen: the options of the command line that made the run, as Ansible names them.
        variables: what the user passed with `-e`, but for a run's parameters.

    """
    # A file, since a command line with what was passed by -e could be read by anybody.
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(variables, file)
        file.flush()
        done = subprocess.run(
            [*_same_command(chosen), "-e", f"@{file.name}", str(root / "playbooks/stop.yml")],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            timeout=_LIMIT_S,
        )
    return "" if done.returncode == 0 else f"{done.stdout[-_SHOWN:]}\n{done.stderr[-_SHOWN:]}"


def _same_command(chosen: Mapping[str, Any]) -> list[str]:
    """Return ansible-playbook for the hosts of this run, with the user's own way to reach them."""
    command = [str(Path(sys.executable).parent / "ansible-playbook")]
    for source in chosen["inventory"] or ():
        command += ["-i", source]
    for option, name in (("-u", "remote_user"), ("--private-key", "private_key_file")):
        if chosen.get(name):
            command += [option, str(chosen[name])]
    return command + (["--become"] if chosen.get("become") else [])
