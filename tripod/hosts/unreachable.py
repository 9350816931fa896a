"""What to check when a host cannot be reached: SSH's own words, and the remedy that fits them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_PREFIXES = ("Task failed: ", "Failed to connect to the host via ssh: ")
# Lines of SSH's answer that are shown; the last ones say what happened.
_LINES = 3

# Ansible's words where a connection is open and no answer comes to a command that goes through sudo; behind
# the colon stands what sudo printed.
_SILENT = re.compile(r"Timeout \((\d+)s\) waiting for privilege escalation prompt: ?(.*)", re.DOTALL)

# What OpenSSH and the C library say → what to check. The first that fits is taken.
_REMEDIES: dict[tuple[str, ...], str] = {
    ("Could not resolve", "Name or service not known", "nodename nor servname"): (
        "the spelling of ansible_host (or of the host's name) in the inventory, and this machine's DNS"
    ),
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", "Host key verification failed", "host key is known"): (
        "that the host's key is known here: log in once by hand (ssh ADDRESS); if the machine was made anew, "
        "first remove the old key (ssh-keygen -R ADDRESS)"
    ),
    ("Permission denied", "Too many authentication failures", "no such identity"): (
        "ansible_user and ansible_ssh_private_key_file in the inventory, and that the public key is in the "
        "host's authorized_keys"
    ),
    ("Connection refused",): (
        "that sshd runs on the host, and ansible_port in the inventory if it does not listen on port 22"
    ),
    ("sudo printed",): (
        "that sudo lets ansible_user in without a password there, or type --ask-become-pass with the command"
    ),
    ("timed out", "did not answer", "No route to host", "Network is unreachable", "Host is down"): (
        "that the machine is on, that ansible_host is its address as seen from here, and that its security "
        "group or firewall lets this machine in on SSH's port"
    ),
    ("closed by", "reset by peer", "Broken pipe", "Shared connection"): (
        "that the host is still up and not about to restart"
    ),
}
_ANYTHING = "ansible_host, ansible_port and ansible_user in the inventory, and that sshd runs on the host"


def explain(host: str, message: str, *, command: str) -> str:
    """Return why a host cannot be reached, and what to check.

    Args:
        host: the inventory name.
        message: what Ansible reports, SSH's own words in it.
        command: what to type to see all that SSH has to say.

    """
    lines, remedy = _understood(message)
    said = "\n    ".join(lines)
    return f"{host} cannot be reached: {said}\n  Check: {remedy}.\n  To see more: {command}"


def told(message: str) -> str:
    """Return why a host could not be reached in a trial, as sentences on one line, the last what to check."""
    lines, remedy = _understood(message)
    return f"the host could not be reached: {' / '.join(lines).rstrip('. ')}. Check {remedy}."


def _understood(message: str) -> tuple[list[str], str]:
    """Return the lines that say what happened, and what to check."""
    for prefix in _PREFIXES:
        message = message.removeprefix(prefix)
    if silent := _SILENT.search(message):
        seconds, printed = silent[1], " ".join(silent[2].split())
        message = f"sudo printed {printed!r} there, and then nothing for {seconds} s"
        if not printed:
            message = f"it did not answer within {seconds} s, over a connection that had been open"
    lines = [line.strip() for line in message.splitlines() if line.strip(" @\r")]
    remedy = next(
        (what for signs, what in _REMEDIES.items() if any(sign in message for sign in signs)), _ANYTHING
    )
    return lines[-_LINES:] or ["no reason was given"], remedy


def lost(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], mark: str) -> list[str]:
    """Return the hosts that do not have the variable `mark`, which the end of a stage sets."""
    return [host for host in hosts if mark not in hostvars[host]]
