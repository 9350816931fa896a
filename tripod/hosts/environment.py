"""Virtual environments of a host: whether one is as its lock says, and what the tools' failures mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CERTIFICATE = ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UnknownIssuer")
_OFFLINE = (
    "dns error",
    "Temporary failure in name resolution",
    "Connection refused",
    "timed out",
    "unreachable",
)
_REMEDIES = (
    (
        _CERTIFICATE,
        "behind a proxy that inspects TLS, name its certificates: host_ca_bundle in the inventory",
    ),
    (
        _OFFLINE,
        "the host needs to reach pypi.org; if it does so through a proxy, set it in the host's environment",
    ),
)
_SHOWN_LINES = 12


def stamp(text: str, lock: str) -> str:
    """Return what is noted in an environment once it is whole: the Python that it is made of, and its lock.

    `text` is what roles/environment/files/look.sh printed.
    """
    return f"# {text.partition(chr(10))[0].rstrip()}\n{lock}"


def fits(text: str, lock: str) -> bool:
    """Return whether an environment is whole: made of today's Python, which runs in it, and of this lock.

    `text` is what roles/environment/files/look.sh printed: the Python to make it of, that in it, its stamp;
    with a terminal's line ends where sudo needs one.
    """
    wanted, found, noted = [*text.replace("\r\n", "\n").split("\n", 2), "", ""][:3]
    return wanted == found and noted.strip() == stamp(text, lock).strip()


def problem(name: str, result: Mapping[str, Any]) -> str:
    """Return why an environment could not be made, with the remedy; empty if the command went well.

    Args:
        name: the environment's.
        result: what the failed command registered: `rc`, `stdout`, `stderr`.

    """
    if result.get("rc", 0) == 0:
        return ""
    said = str(result.get("stderr") or result.get("stdout") or result.get("msg", "")).strip()
    remedy = next((text for signs, text in _REMEDIES if any(sign in said for sign in signs)), None)
    tail = "\n".join(said.splitlines()[-_SHOWN_LINES:])
    return f"the environment {name} cannot be made:\n{tail}" + (f"\nRemedy: {remedy}" if remedy else "")
