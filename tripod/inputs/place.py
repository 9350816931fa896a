"""Which paths may be used at all, and where a checkout keeps what runs on this machine write.

Standard library only: the Makefile runs this file before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
import sys
from pathlib import Path

UNPRIVILEGED = "nobody"
"""The user whom PostgreSQL runs as where root deploys on localhost: it refuses to run as root."""

# Each has a meaning of its own, which no quoting takes away, for one of: shells, make, Jinja, supervisor's
# configuration (comments, globs), PATH, and libpq (several servers).
_STRANGE = "\"'\\`$*?[]{}:;,#"


def problem(path: str) -> str | None:
    """Return what is allowed of a path that cannot be used; None of one that can."""
    strange = sorted({sign for sign in path if sign in _STRANGE or not sign.isprintable()})
    return f"a path without {' '.join(map(repr, strange))}" if strange else None


def home(checkout: Path, uid: int | None = None) -> Path:
    """Return where runs on this machine keep what they install and make: `.tripod/` in the checkout.

    Root's checkout may lie where nobody else may enter, as PostgreSQL must: then a directory of its own
    below /var/lib. `uid` is who deploys; the caller's own if not given.
    """
    usual = checkout / ".tripod"
    if (os.geteuid() if uid is None else uid) != 0 or obstacle(usual) is None:
        return usual
    return Path("/var/lib") / f"tripod-{hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]}"


def obstacle(path: Path) -> Path | None:
    """Return the directory on the way to a path that the unprivileged user may not enter, if there is one.

    Raises:
        KeyError: if there is no such user.

    """
    entry = pwd.getpwnam(UNPRIVILEGED)
    return closed_to(path, entry.pw_uid, entry.pw_gid)


def closed_to(path: Path, uid: int, gid: int) -> Path | None:
    """Return the first directory on the way to a path, itself included, that a user may not enter.

    What does not exist yet is no obstacle.
    """
    way = (*reversed(path.parents), path)
    return next((step for step in way if step.exists() and not may_enter(step, uid, gid)), None)


def may_enter(directory: Path, uid: int, gid: int) -> bool:
    """Return whether a directory's mode lets a user in; access control lists are not looked at."""
    known = directory.stat()
    if known.st_uid == uid:
        return bool(known.st_mode & stat.S_IXUSR)
    return bool(known.st_mode & (stat.S_IXGRP if known.st_gid == gid else stat.S_IXOTH))


def checkout_problem(checkout: Path) -> str | None:
    """Return why a checkout cannot be used where it is, with the remedy."""
    allowed = problem(str(checkout))
    if allowed is None:
        return None
    return f"this checkout is in {str(checkout)!r}; allowed: {allowed}; move it, or clone it to another place"


if __name__ == "__main__":
    sys.exit(checkout_problem(Path(__file__).resolve().parents[2]))
