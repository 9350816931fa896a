"""Stops what a run left on its hosts, by running playbooks/stop.yml with the run's own way to reach them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tripod.cli import playbooks

LEASE = "TRIPOD_LEASE"
"""The environment variable that tells stop.yml whose lease it may stop under; without it, it breaks any."""

_SHOWN = 4000
# Ansible's name of an option → how it is typed. None of them is secret.
_OPTIONS = {
    "remote_user": "--user",
    "private_key_file": "--private-key",
    "connection": "--connection",
    "timeout": "--timeout",
    "ssh_common_args": "--ssh-common-args",
    "ssh_extra_args": "--ssh-extra-args",
    "scp_extra_args": "--scp-extra-args",
    "sftp_extra_args": "--sftp-extra-args",
    "become_method": "--become-method",
    "become_user": "--become-user",
}
_LISTS = {
    "inventory": "--inventory",
    "vault_ids": "--vault-id",
    "vault_password_files": "--vault-password-file",
}


@dataclass(frozen=True)
class Access:
    """How the user let a run in to its hosts.

    Attributes:
        chosen: the options of its command line, as Ansible names them.
        variables: what was passed with `-e`, but for a run's parameters.
        password: that he typed for SSH; None where he was not asked.
        become_password: that he typed to become root; likewise.
        vault_passwords: that he typed for vaults, in their order.

    """

    chosen: Mapping[str, Any]
    variables: Mapping[str, object] = field(default_factory=dict)
    password: str | None = None
    become_password: str | None = None
    vault_passwords: Sequence[str] = ()


def stop(root: Path, access: Access, lease: str) -> str:
    """Run the playbook, and return what it said if it failed; empty if all is stopped.

    Args:
        root: the checkout.
        access: of the run.
        lease: its name; a host that another run has by now is left alone.

    """
    options, answers = typed(access)
    # A file, since a command line with what was passed by -e could be read by anybody.
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(dict(access.variables), file)
        file.flush()
        done = playbooks.run(
            root,
            [*options, "-e", f"@{file.name}", str(root / "playbooks/stop.yml")],
            answers=answers,
            environment={LEASE: lease},
            apart=True,
        )
    return "" if done.code == 0 else done.output[-_SHOWN:]


def typed(access: Access) -> tuple[list[str], list[str]]:
    """Return the options of a command line with the same access, and what to answer to its questions."""
    chosen = access.chosen
    options = [f"{option}={value}" for name, option in _LISTS.items() for value in chosen.get(name) or ()] + [
        f"{option}={chosen[name]}" for name, option in _OPTIONS.items() if chosen.get(name)
    ]
    answers = []
    if chosen.get("become"):
        options.append("--become")
    if access.password is not None:
        options.append("--ask-pass")
        answers.append(access.password)
    if access.become_password is not None:
        options.append("--ask-become-pass")
        answers.append(access.become_password)
    if chosen.get("ask_vault_pass"):
        options.append("--ask-vault-password")
    return options, [*answers, *access.vault_passwords]
