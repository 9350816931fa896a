"""The libraries that are in the page, as npm has them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tripod.report.page import assets

LIST = json.loads((assets.VENDOR / "vendor.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("library", LIST["libraries"], ids=lambda library: library["package"])
def test_each_file_is_the_one_that_was_fetched(library: dict[str, dict[str, str]]) -> None:
    """Its hash is that of vendor.json, its head names its version, and its licence stands beside it."""
    for file in (library["script"], library["notice"]):
        content = (assets.VENDOR / file["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    script = (assets.VENDOR / library["script"]["file"]).read_text(encoding="utf-8")
    assert f"v{library['version']} " in script.splitlines()[0]
    assert library["licence"] == "ISC"
    assert "Permission to use" in (assets.VENDOR / library["notice"]["file"]).read_text(encoding="utf-8")


def test_nothing_else_is_there() -> None:
    """Every file beside the list is one of the list."""
    named = {library[part]["file"] for library in LIST["libraries"] for part in ("script", "notice")}
    assert {path.name for path in assets.VENDOR.iterdir()} - {"__pycache__"} == named | {
        "vendor.json",
        "fetch.py",
    }


def test_no_script_ends_itself() -> None:
    """None has what would end its element, or begin a comment in it."""
    for text in (*(library.script for library in assets.libraries()), assets.script()):
        assert "</script" not in text.lower()
        assert "<!--" not in text


def test_every_script_and_style_is_in_the_page() -> None:
    """A file that nobody lists would be forgotten."""
    for folder, text in (("script", assets.script()), ("style", assets.style())):
        paths = sorted((assets.HERE / folder).iterdir())
        assert paths
        assert all(path.read_text(encoding="utf-8") in text for path in paths)


def test_fetching_refuses_what_is_no_library_of_the_page() -> None:
    """It names what is allowed, and touches nothing."""
    program = assets.VENDOR / "fetch.py"
    told = subprocess.run(
        [sys.executable, program, "left-pad@1.3.0"], check=False, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 1
    assert told.stderr == "'left-pad' is no library of the page, allowed: d3, @observablehq/plot\n"


def test_a_library_that_is_not_what_it_was_is_not_taken(tmp_path: Path) -> None:
    """Where npm gives other files for the same version, nothing is written, and it is said which file."""
    for path in (assets.VENDOR / "fetch.py", assets.VENDOR / "vendor.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(
        "#!/bin/sh\nmkdir -p package/dist && echo changed >package/dist/d3.min.js\n"
        "echo '{}' >package/package.json\n"
        'touch package/LICENSE && tar czf "$4/other.tgz" package && echo other.tgz\n'
    )
    npm.chmod(0o755)
    environment = os.environ | {"PATH": f"{npm.parent}:{os.environ['PATH']}"}
    told = subprocess.run(
        [sys.executable, tmp_path / "fetch.py"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        cwd=tmp_path,
    )
    assert told.returncode == 1
    assert told.stderr.startswith("d3@7.9.2: d3.min.js is not the file of vendor.json")
    assert not (tmp_path / "d3.min.js").exists()
