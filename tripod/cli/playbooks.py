"""Runs a playbook of this checkout for whoever has no ansible-playbook around it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("ansible-playbook")


@dataclass(frozen=True)
class Done:
    """A playbook that has ended: its exit code, and what it printed."""

    code: int
    output: str


def run(
    root: Path,
    arguments: Sequence[str],
    *,
    answers: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    apart: bool = False,
) -> Done:
    """Run ansible-playbook to its end.

    Args:
        root: the checkout.
        arguments: of its command line, which everybody on this machine may read: nothing secret.
        answers: to what it asks for, in its order; where there is no terminal it reads them from a pipe.
        environment: beside this process's own.
        apart: whether it goes on when a terminal interrupts this process, and has no terminal itself.

    Raises:
        OSError: if it cannot be started.

    """
    ours = {
        # macOS kills Ansible's forks without this; elsewhere it means nothing.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "ANSIBLE_CONFIG": str(root / "ansible.cfg"),  # not the user's own
    }
    if os.environ.get("LC_ALL") in ("C", "POSIX"):  # in which Ansible does not start
        ours["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    done = subprocess.run(
        [str(PROGRAM), *arguments],
        cwd=root,
        env={**os.environ, **ours, **(environment or {})},
        input="".join(f"{answer}\n" for answer in answers),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
        start_new_session=apart,
    )
    return Done(done.returncode, done.stdout)
