"""A machine as spare as a Mac: few commands with few options, no GNU-only tool, and 256 open files.

Every playbook that the tests run on this machine runs in it, on Linux, too; what was run is held against the
table when the playbook has ended.
"""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

# Command that may be run on localhost → options that macOS's own has, too. The values of options and all
# other words are free. None: the same program on every system, so its options are not held.
COMMANDS: Mapping[str, frozenset[str] | None] = {
    "cat": frozenset(),
    "chmod": frozenset(),
    "cut": frozenset({"-d", "-f"}),
    "echo": frozenset(),
    "git": None,
    "id": frozenset({"-u"}),
    "ifconfig": frozenset(),
    "locale": frozenset({"-a"}),  # PostgreSQL's initdb
    "ls": frozenset({"-A", "-d", "-ld"}),
    "lsof": frozenset({"-nP", "-t", "-i", "-s"}),
    "mkdir": frozenset({"-p"}),
    "ps": frozenset({"-ww", "-o", "-p"}),
    "rm": frozenset({"-f", "-r"}),
    "sh": frozenset({"-c"}),
    "sleep": frozenset(),
    "ssh": None,
    "sw_vers": frozenset({"-productVersion"}),  # macOS's own
    "tr": frozenset(),
    "uname": frozenset({"-s", "-rs"}),
}
# ulimit -n of a Mac's shell; the hard limit stays.
OPEN_FILES = 256

_SHIM = """#!/bin/sh
{{ printf '%s\\037' {name} "$@"; printf '\\036'; }} >> {log}
exec {program} "$@"
"""


@functools.cache
def _place() -> Path:
    """Return the directory with `bin/`, which holds the commands, and `ran`, which tells of each call."""
    place = Path(tempfile.mkdtemp(prefix="tripod-spare-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    (place / "bin").mkdir()
    (place / "ran").touch()
    (place / "ran").chmod(0o666)  # PostgreSQL runs as nobody
    for name in COMMANDS:
        if program := shutil.which(name):
            shim = place / "bin" / name
            shim.write_text(_SHIM.format(name=name, log=place / "ran", program=program), encoding="utf-8")
            shim.chmod(0o755)
    return place


def environment() -> dict[str, str]:
    """Return this process's environment, with the commands of the table and no others."""
    return os.environ | {"PATH": str(_place() / "bin")}


def limited(command: Sequence[str]) -> list[str]:
    """Return the command with the open files of a Mac."""
    return ["/bin/sh", "-c", f'ulimit -Sn {OPEN_FILES} && exec "$@"', "sh", *command]


def refuse_strange() -> None:
    """Fail where a playbook ran what a Mac has not, and name it."""
    found = strange()
    assert not found, f"run with options that are not in {Path(__file__).name}: {found}"


def strange() -> list[str]:
    """Return what was run with options that the table does not have; it is forgotten then."""
    ran = _place() / "ran"
    calls = [call.split("\037")[:-1] for call in ran.read_text(encoding="utf-8").split("\036") if call]
    ran.write_text("", encoding="utf-8")
    return [" ".join(call) for call in calls if _unknown(call[0], call[1:])]


def _unknown(name: str, words: Sequence[str]) -> bool:
    """Say whether a call has an option that the table lacks; what follows a script are its own words."""
    known = COMMANDS[name]
    if known is None:
        return False
    if name == "sh" and "-c" in words:
        words = words[: words.index("-c") + 1]
    options = [word for word in words if re.match(r"--?\w", word)]
    return any(not any(option == one or _takes(one, option) for one in known) for option in options)


def _takes(one: str, option: str) -> bool:
    """Say whether the option is `one` with its value behind it, such as -iTCP:80."""
    return len(one) == 2 and one in {"-i", "-s", "-d", "-f", "-o", "-p"} and option.startswith(one)
