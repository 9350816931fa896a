"""Fetches the libraries of the page anew from npm, at the versions of vendor.json, or at named ones.

    make vendor                                       as vendor.json has them; a file that differs is an error
    make vendor ARGS="d3@7.9.3 @observablehq/plot"    these versions; the newest where none is named

npm holds what it fetches against the registry's own hashes; vendor.json keeps those of each file.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LIST = HERE / "vendor.json"


def main(asked: list[str]) -> str | None:
    """Fetch the libraries that are asked for, or all of them; return what is wrong, None if nothing is."""
    known = json.loads(LIST.read_text(encoding="utf-8"))
    libraries = {library["package"]: library for library in known["libraries"]}
    wanted = [(f"{name}@{library['version']}", name) for name, library in libraries.items()]
    if asked:
        wanted = [(spec, spec[0] + spec[1:].partition("@")[0]) for spec in asked]
    for spec, name in wanted:
        if name not in libraries:
            return f"'{name}' is no library of the page, allowed: {', '.join(libraries)}"
        differs = _fetch(spec, libraries[name], keep=not asked)
        if differs:
            return f"{spec}: {differs} is not the file of vendor.json; nothing of it was written"
    LIST.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return None


def _fetch(spec: str, library: dict[str, Any], *, keep: bool) -> str | None:
    """Write a library's files and note their hashes; with `keep` return one that is not what it was."""
    files = [library["script"], library["notice"]]
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", folder, spec],
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:
            found = {file["file"]: _member(archive, file["from"]) for file in files}
            about = json.loads(_member(archive, "package.json"))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    if keep and (changed := [file["file"] for file in files if hashes[file["file"]] != file["sha256"]]):
        return str(changed[0])
    for file in files:
        (HERE / file["file"]).write_bytes(found[file["file"]])
        file["sha256"] = hashes[file["file"]]
    library |= {"version": about["version"], "licence": about["license"]}
    return None


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"package/{name}")
    if file is None:
        raise FileNotFoundError(name)
    return file.read()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
