"""Reads the write-ups' published figures, `published/NAME.yml` of the checkout."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import msgspec

from tripod.catalogue.formats import MB
from tripod.runs import files
from tripod.runs.documents import DamagedFileError
from tripod.runs.explain import listed
from tripod.runs.finding import RunNotFoundError
from tripod.runs.formats.published import Published

PREFIX = "published:"

_MOST = MB


def names(root: Path) -> list[str]:
    """Return the names of the texts whose figures the checkout at `root` has."""
    return sorted(path.stem for path in (root / "published").glob("*.yml"))


def read(root: Path, name: str) -> Published:
    """Read the figures of the text of this name.

    Raises:
        RunNotFoundError: if there is none of that name.
        DamagedFileError: if the file cannot be used.

    """
    known = names(root)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {PREFIX}{near[0]}? " if near else ""
        raise RunNotFoundError(
            f"no published figures '{name}'; {hint}valid: {listed([f'{PREFIX}{one}' for one in known])}; "
            "type: ./collect.py compare --help"
        )
    path = root / "published" / f"{name}.yml"
    try:
        found = msgspec.yaml.decode(files.read(path, most=_MOST, inside=path.parent), type=Published)
    except (OSError, files.RefusedFileError, msgspec.MsgspecError) as error:
        raise DamagedFileError(path, str(error)) from None
    lost = sorted({figure.load for figure in found.figures} - set(found.loads))
    if lost:
        raise DamagedFileError(path, f"figures of unknown loads: {listed(lost)}")
    return found
