"""Pulls what the controller does not have yet of a run, by running playbooks/fetch.yml."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tripod.runs.documents import shown
from tripod.runs.made import Note, NotMadeError, is_run_id, note_of
from tripod.runs.results import read_plan

_TAIL_LINES = 30


class PullError(Exception):
    """Nothing, or not everything, was pulled; the message says why, and what to type."""

    def __init__(self, why: str, output: str = "") -> None:
        """Keep what the playbook printed apart from the reason."""
        super().__init__(why)
        self.output = output


class ForeignRunError(PullError):
    """The run is not one of this checkout's, so Ansible was not started."""


def pull(root: Path, run_dir: Path) -> None:
    """Fetch the run's remaining files from the hosts that it was made on.

    The inventory is the one of the note that the plan stage took, not what plan.json says now.

    Args:
        root: the checkout, whose `results/` is where the playbook puts files.
        run_dir: the run's directory there.

    Raises:
        ForeignRunError: if this checkout did not make the run.
        PullError: if the playbook cannot be started or fails.
        DamagedFileError: if plan.json cannot be used.

    """
    note = _note(root, run_dir)
    program = Path(sys.executable).with_name("ansible-playbook")
    inventories = [argument for path in note.inventory for argument in ("-i", path)]
    arguments = [*inventories, "playbooks/fetch.yml", "-e", f"run_id={note.run_id}"]
    # macOS kills Ansible's forks without this; elsewhere it means nothing.
    environment = {**os.environ, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
    environment["ANSIBLE_CONFIG"] = str(root / "ansible.cfg")  # not the user's own
    if os.environ.get("LC_ALL") in ("C", "POSIX"):  # in which Ansible does not start
        environment["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    try:
        done = subprocess.run(
            [str(program), *arguments],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise PullError(f"{program} cannot be started ({error.strerror}); type: make setup") from None
    if done.returncode:
        typed = shlex.join([f".venv/bin/{program.name}", *arguments])
        raise PullError(
            f"{program.name} ended with {done.returncode}; type: {typed}",
            output="\n".join(done.stdout.splitlines()[-_TAIL_LINES:]),
        )


def _note(root: Path, run_dir: Path) -> Note:
    """Return what was noted of the run when it was made; raises ForeignRunError."""
    if run_dir.resolve().parent != (root / "results").resolve():
        typed = shlex.join(["./collect.py", "table", "--results", str(run_dir.parent)])
        raise ForeignRunError(
            f"{shown(run_dir)} is not in this checkout's results/, where fetched files are put; type: {typed}"
        )
    if not is_run_id(run_dir.name):
        raise ForeignRunError(f"'{run_dir.name}' is no name of a run; type: ./collect.py runs")
    try:
        return note_of(root, run_dir)
    except NotMadeError as error:
        named = ", ".join(read_plan(run_dir)["inventory"])
        raise ForeignRunError(
            f"run {run_dir.name}: {error} (of runs from before Tripod kept such notes nothing does), and an "
            f"inventory can name programs to start, so only one that you trust may be used ('{named}' is "
            "what its plan.json names); type: .venv/bin/ansible-playbook -i INVENTORY playbooks/fetch.yml -e "
            f"run_id={run_dir.name}"
        ) from None
