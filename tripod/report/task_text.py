"""The result of a task of Ansible's as plain text: what failed, and what a command printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ANSIBLES_OWN = ("Task failed: ", "Action failed: ")


def failure(result: Mapping[str, Any]) -> str:
    """Return what a failed result says, each thing once, with what a command printed."""
    message = lines(result.get("msg", "no message"))
    for prefix in _ANSIBLES_OWN:
        message = message.removeprefix(prefix)
    printed = [str(result[key]).strip() for key in ("module_stderr", "stderr", "stdout") if result.get(key)]
    parts = [message, *(text for text in printed if text and text not in message)]
    if isinstance(command := result.get("cmd"), list):
        parts.append("command: " + " ".join(str(part) for part in command))
    return "\n".join(parts)


def lines(message: object) -> str:
    """Return a message as plain text: a list is lines; blanks at the ends of lines go."""
    found = [str(line) for line in message] if isinstance(message, list) else str(message).splitlines()
    return "\n".join(line.rstrip() for line in found)
