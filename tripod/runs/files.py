"""Reads a file of a run, which anybody may have made: a regular one of a bounded size, through no link."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

KB, MB = 2**10, 2**20

LIMITS = {
    # A trial takes 150 bytes, a cell 1 kB, a service 300 bytes: 1,600 trials of 320 cells are below 1 MB, and
    # 16 MB are some 80,000 trials, which take more than four days if they measure for a second each.
    "plan": 16 * MB,
    # 10 kB a host, nearly all of it versions of packages.
    "hosts": 4 * MB,
    # The last lines of three or four logs, and twenty statements; a single line of a log can be long.
    "record": 16 * MB,
    "end": 64 * KB,
    # A table of 1,600 trials has up to 1,600 rows of 4 kB.
    "summary": 64 * MB,
    # 20 kB for each trend, of which the workloads have about ten.
    "k6": 8 * MB,
}
"""Most bytes that each document may have: ten times and more what a run really holds."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Non-blocking, since another process may put a FIFO in the file's place after the look at it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class RefusedFileError(Exception):
    """The file is not read; the message is a phrase that says why."""


def read(path: Path, *, most: int, inside: Path) -> bytes:
    """Return the content of a file.

    Args:
        path: the file, below `inside`.
        most: bytes that it may have.
        inside: the directory that it must really be in: nothing below it may be a link.

    Raises:
        FileNotFoundError: if there is no such file.
        OSError: if it cannot be read.
        RefusedFileError: if it is a link, below one, no regular file or too large.

    """
    *folders, name = path.relative_to(inside).parts
    folder = os.open(inside, _FOLDER & ~os.O_NOFOLLOW)
    try:
        for part in folders:
            _refuse_unless(stat.S_ISDIR, part, folder, "a directory")
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        _refuse_unless(stat.S_ISREG, name, folder, "a regular file")
        handle = os.open(name, _FILE, dir_fd=folder)
    finally:
        os.close(folder)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise RefusedFileError("not a regular file")
        content = file.read(most + 1)  # not what its size says: a file can grow, and those of /proc have none
    if len(content) > most:
        raise RefusedFileError(f"larger than {_size(most)}, the most that is read of such a file")
    return content


def is_folder(path: Path) -> bool:
    """Whether there is a directory of that name which is no link, and which may be looked at."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def exists(path: Path) -> bool:
    """Whether there is anything of that name, be it a link to nowhere; not where one may not look."""
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _refuse_unless(fits: Callable[[int], bool], name: str, folder: int, wanted: str) -> None:
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        raise RefusedFileError("a link, or below one; links are not followed")
    if not fits(mode):
        raise RefusedFileError(f"not {wanted}")


def _size(most: int) -> str:
    return f"{most // MB} MB" if most >= MB else f"{most // KB} kB"
