"""Which systemd units of this host are Tripod's: their files say so, and no other unit is ever touched."""

from __future__ import annotations

import os
import re
from pathlib import Path

HOME = Path("/etc/systemd/system")
# Where other units may have the name that one of Tripod's needs; a file in HOME hides these.
ELSEWHERE = tuple(
    Path(place) for place in ("/run/systemd/system", "/usr/local/lib/systemd/system", "/lib/systemd/system")
)
GLOB = "tripod-*.service"

# systemd ignores sections that begin with X-.
_MARK = re.compile(r"^\[X-Tripod\]\nRoot=(?P<root>/.*)$", re.MULTILINE)
# Units of the time before they had the mark.
_UNMARKED = re.compile(
    r"\A# Ansible managed.*^Description=Tripod (?:app under test: |fake database, |PostgreSQL$).*"
    r"^ExecStart=(?P<root>/\S+?)/(?:envs/(?:apps|fakedb)|postgres)/bin/",
    re.MULTILINE | re.DOTALL,
)


def root_of(path: Path) -> str | None:
    """Return the directory of the Tripod that made a unit; None for what no Tripod made, or is not there."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = _MARK.search(text) or _UNMARKED.search(text)
    return os.path.normpath(found["root"]) if found else None


def ours(root: str) -> list[str]:
    """Return the names of the units that the Tripod in `root` made, sorted."""
    home = os.path.normpath(root)
    return sorted(path.name for path in HOME.glob(GLOB) if root_of(path) == home)


def is_ours(name: str, root: str) -> bool:
    """Return whether a unit was made by the Tripod in `root`; `name` may lack its `.service`."""
    return root_of(HOME / f"{name.removesuffix('.service')}.service") == os.path.normpath(root)


def foreign(names: list[str], root: str) -> list[dict[str, str | None]]:
    """Return the units with these file names that are not ours, each with its `path`.

    `root` is that of the Tripod that made it; None if none did.
    """
    places = [HOME / name for name in names if not is_ours(name, root)]
    places += [place / name for place in ELSEWHERE for name in names]
    return [{"path": str(path), "root": root_of(path)} for path in places if os.path.lexists(path)]
