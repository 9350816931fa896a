"""Text files and directories of Tripod: written in one step, with the access that they shall have."""

from __future__ import annotations

import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Access:
    """Whose files and directories are, and who may do what; without an owner they are of who makes them."""

    owner: tuple[int, int] | None = None
    file_mode: int = 0o644
    directory_mode: int = 0o755

    def differs(self, path: Path, content: bytes | None = None) -> bool:
        """Return whether a file is not there with this content and access; None stands for a directory."""
        try:
            known = path.lstat() if content is not None else path.stat()
        except FileNotFoundError:
            return True
        if not (path.is_dir() if content is None else path.is_file() and not path.is_symlink()):
            return True
        mode = self.directory_mode if content is None else self.file_mode
        if known.st_mode & 0o7777 != mode or self.owner not in {None, (known.st_uid, known.st_gid)}:
            return True
        return content is not None and path.read_bytes() != content

    def make(self, directory: Path) -> None:
        """Make a directory, or mend its access."""
        directory.mkdir(parents=True, exist_ok=True)
        self._give(directory, self.directory_mode)

    def write(self, path: Path, content: bytes) -> None:
        """Replace a file in one step."""
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(content)
        self._give(Path(file.name), self.file_mode)
        Path(file.name).replace(path)

    def _give(self, path: Path, mode: int) -> None:
        if self.owner is not None:
            os.chown(path, *self.owner)
        path.chmod(mode)


EVERYBODY = Access()
"""Everybody may read, and who makes them write."""


def only(reader: str) -> Access:
    """Return the access of what nobody but root may write, and nobody but one user beside root read.

    Raises:
        KeyError: if there is no such user.

    """
    return Access((0, pwd.getpwnam(reader).pw_gid), 0o640, 0o750)
