"""Reads and writes a file of a run.

Anybody may have made what is read: a regular file of a bounded size, through no link. What is written is
whole.
"""

from __future__ import annotations

import os
import stat
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tripod.catalogue.formats import KB, MB

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


def unzipped(content: bytes, most: int) -> bytes:
    """Return what gzip has compressed.

    Raises:
        RefusedFileError: if it is not that, is cut off, or has more than `most` bytes.

    """
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 16: with the header of gzip
    try:
        plain = unzip.decompress(content, most + 1)
    except zlib.error:
        raise RefusedFileError("not compressed by gzip") from None
    if len(plain) > most:
        raise RefusedFileError(f"unpacked larger than {_size(most)}, the most that is read of such a file")
    if not unzip.eof:
        raise RefusedFileError("cut off")
    return plain


def write(path: Path, content: str | bytes, *, once: bool = False) -> None:
    """Write a file in one step: a reader sees all of it, or what was there before.

    Args:
        path: the file.
        content: text is written as UTF-8.
        once: never replace one that is there.

    Raises:
        FileExistsError: if it is there and `once` is asked for.
        OSError: if it cannot be written; nothing of it is left.

    """
    try:
        _write(path, content.encode() if isinstance(content, str) else content, once=once)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # people know nothing of the temporary one
        raise


def _write(path: Path, content: bytes, *, once: bool) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        if once:
            path.hardlink_to(temporary)
        else:
            Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


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
