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
    done = subprocess.run(
        [str(PROGRAM), *arguments],
        cwd=root,
        env={**settings(root), **(environment or {})},
        input="".join(f"{answer}\n" for answer in answers),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
        start_new_session=apart,
    )
    return Done(done.returncode, done.stdout)


def shown(root: Path, arguments: Sequence[str]) -> int:
    """Run ansible-playbook to its end where people can see it, and return its exit code.

    Ctrl-C interrupts both: it stops what it started, which is waited for.

    Raises:
        OSError: if it cannot be started.

    """
    with subprocess.Popen([str(PROGRAM), *arguments], cwd=root, env=settings(root)) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def settings(root: Path) -> dict[str, str]:
    """Return the environment of Ansible's programs: this process's own, with the checkout's settings."""
    ours = {
        # macOS kills Ansible's forks without this; elsewhere it means nothing.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "ANSIBLE_CONFIG": str(root / "ansible.cfg"),  # not the user's own
    }
    if os.environ.get("LC_ALL") in ("C", "POSIX"):  # in which Ansible does not start
        ours["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    return {**os.environ, **ours}
