"""Names that are not known, with the nearest that is; and Ansible's own names that a user may need."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

CONNECTION = (
    "ansible_user",
    "ansible_ssh_user",
    "ansible_port",
    "ansible_ssh_port",
    "ansible_password",
    "ansible_ssh_pass",
    "ansible_ssh_password",
    "ansible_ssh_private_key_file",
    "ansible_private_key_file",
    "ansible_ssh_private_key_passphrase",
    "ansible_private_key_passphrase",
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
    "ansible_ssh_args",
    "ansible_ssh_executable",
    "ansible_ssh_timeout",
    "ansible_ssh_retries",
    "ansible_ssh_host_key_checking",
    "ansible_host_key_checking",
    "ansible_ssh_pipelining",
    "ansible_pipelining",
    "ansible_ssh_transfer_method",
    "ansible_connection",
    "ansible_become",
    "ansible_become_method",
    "ansible_become_user",
    "ansible_become_password",
    "ansible_become_pass",
    "ansible_become_exe",
    "ansible_become_flags",
    "ansible_sudo_pass",
    "ansible_su_pass",
    "ansible_python_interpreter",
    "ansible_remote_tmp",
)
"""Ansible's variables for reaching a host and becoming root there; each may stand for all hosts."""

OF_HOSTS = (
    *CONNECTION,
    "ansible_host",
    "ansible_ssh_host",
    "ansible_shell_type",
    "ansible_shell_executable",
    "ansible_interpreter_python_fallback",
)
"""Those, and what an inventory says besides."""

OWN_PREFIX = "x_"
"""Begins the names of variables that a user makes for his own templates."""

_MISSPELT = 0.91
_SECRET = re.compile(r"pass|secret|token|key", re.IGNORECASE)


def closest(name: str, known: Iterable[str], alike: float = 0.5) -> str | None:
    """Return the known name that is most alike; None where none is so much alike (1 is the same)."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=alike)
    return near[0] if near else None


def nearest(name: str, known: Iterable[str], alike: float = 0.5) -> str:
    """Return `did you mean X? `, or nothing where no known name is so much alike."""
    found = closest(name, known, alike)
    return f"did you mean {found}? " if found else ""


def is_secret(name: str) -> bool:
    """Return whether what is given by a name of this kind should not be shown."""
    return bool(_SECRET.search(name))


def is_free(name: str) -> bool:
    """Return whether an inventory may have a variable of this name that Tripod does not know.

    Ansible has more variables than anybody lists, one for each setting of each plugin; what is almost the
    name of a usual one is a misspelling.
    """
    return name.startswith(OWN_PREFIX) or (
        name.startswith("ansible_") and not nearest(name, OF_HOSTS, alike=_MISSPELT)
    )
