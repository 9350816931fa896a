"""Pulls what the controller does not have yet of a run, by running playbooks/fetch.yml."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tripod.runs.results import read_plan

_TAIL_LINES = 30


class PullError(Exception):
    """Nothing, or not everything, was pulled; the message says why."""


def pull(root: Path, run_dir: Path) -> None:
    """Fetch the run's remaining files from the hosts of its own inventory.

    Args:
        root: the checkout, whose `results/` is where the playbook puts files.
        run_dir: the run's directory there.

    Raises:
        PullError: if the playbook cannot be started or fails.
        DamagedFileError: if plan.json, which names the inventory, cannot be used.

    """
    if run_dir.resolve().parent != (root / "results").resolve():
        raise PullError(f"{run_dir} is not in {root / 'results'}, where the playbook puts files")
    plan = read_plan(run_dir)
    program = Path(sys.executable).with_name("ansible-playbook")
    inventories = [argument for path in plan["inventory"] for argument in ("-i", path)]
    command = [str(program), *inventories, "playbooks/fetch.yml", "-e", f"run_id={run_dir.name}"]
    # macOS kills Ansible's forks without this; elsewhere it means nothing.
    environment = {**os.environ, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        raise PullError(f"{program} cannot be started ({error.strerror}); type: make setup") from None
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-_TAIL_LINES:])
        typed = " ".join([f".venv/bin/{program.name}", *command[1:]])
        raise PullError(f"{tail}\nexit code {done.returncode}; to see all of it, type: {typed}")
