"""Figures of trials that were read before, kept so that the next table need not unpack and parse them again.

What is kept stands under a digest of the file's content and of the code that makes figures of it: it can be
missing, but neither stale nor of another trial. It lies in the checkout, never beside results, which anybody
may have made.
"""

from __future__ import annotations

import hashlib
import re
import sys
from array import array
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from tripod.catalogue import k6, patience, shapes
from tripod.catalogue.formats import MB
from tripod.runs import files, slim
from tripod.runs.formats import declaration
from tripod.runs.formats import k6 as k6_format
from tripod.stats import figures, grid, quantiles
from tripod.stats.figures import Figures
from tripod.stats.grid import Grid

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ".cache/figures"
MOST = 4096
"""Files that are kept, of some 50 kB each; beyond that the older half goes."""

_LARGEST = 4 * MB
_DIGEST = 32
# As they are named, and while they are written: nothing else there is ours to remove.
_KEPT = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\..+", re.ASCII)
# With all that these import of this library: what is allowed in a summary has a say, too.
MAKERS = (figures, quantiles, grid, slim, k6, k6_format, declaration, patience, shapes)


def find(content: bytes, root: Path | None = None) -> Figures | None:
    """Return the figures of a k6 summary with this content, if they are kept.

    Args:
        content: of the file, as it is on the disk.
        root: the checkout; default: this one.

    """
    root = root or ROOT
    try:
        found = files.read(root / FOLDER / _name(content), most=_LARGEST, inside=root)
        if hashlib.sha256(found[_DIGEST:]).digest() != found[:_DIGEST]:
            return None
        return msgspec.msgpack.decode(found[_DIGEST:], type=Figures, dec_hook=_unpacked)
    except (OSError, files.RefusedFileError, msgspec.MsgspecError, ValueError):
        return None


def keep(content: bytes, made: Figures, root: Path | None = None) -> None:
    """Keep the figures of a k6 summary with this content; where nothing can be written nothing is kept.

    Nor behind a link, where `find` does not look: what lies there is another's.
    """
    folder = (root or ROOT) / FOLDER
    packed = msgspec.msgpack.encode(made, enc_hook=_packed)
    with suppress(OSError):
        _make_room(folder)
        files.write(folder / _name(content), hashlib.sha256(packed).digest() + packed)


def _name(content: bytes) -> str:
    return hashlib.sha256(_makers() + content).hexdigest()


@lru_cache(maxsize=1)
def _makers() -> bytes:
    """Return a digest of what makes figures: the code, its reader of JSON, and this machine's numbers."""
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (*MAKERS, sys.modules[__name__]))
    return hashlib.sha256(code + f"{msgspec.__version__} {sys.byteorder}".encode()).digest()


@lru_cache(maxsize=8)  # once in a process, for each checkout
def _make_room(folder: Path) -> None:
    for place in (folder.parent, folder):
        place.mkdir(exist_ok=True)
        if not files.is_folder(place):
            raise NotADirectoryError(place)
    found = [path for path in folder.iterdir() if _KEPT.fullmatch(path.name)]
    kept = sorted(found, key=lambda path: path.lstat().st_mtime)
    for path in kept[: len(kept) // 2] if len(kept) > MOST else []:
        path.unlink(missing_ok=True)


def _packed(value: object) -> object:
    if isinstance(value, Grid):
        return (value.shares.tobytes(), value.values.tobytes())
    raise NotImplementedError


def _unpacked(wanted: type, value: Any) -> Any:
    if wanted is not Grid:
        raise NotImplementedError
    shares, values = value
    found = array("d")
    found.frombytes(values)
    return Grid(_shares(shares), found)


@lru_cache(maxsize=64)  # one k6 has the same for all its trends
def _shares(packed: bytes) -> array[float]:
    found = array("d")
    found.frombytes(packed)
    return found
