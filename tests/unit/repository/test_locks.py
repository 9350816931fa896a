"""The locks: requirements/ follows uv.lock, and everything installs on macOS without a compiler."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

GROUPS = ("uv", "apps", "fakedb", "k6", "postgres")
PYTHONS = ("3.11", "3.12", "3.13")
UV = Path(sys.executable).parent / "uv"


def _uv(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [UV, *arguments], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"uv {' '.join(arguments)}:\n{done.stderr}"
    return done.stdout + done.stderr


def _pins(text: str) -> str:
    """Leave out the comments: they quote the command line."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def test_every_group_of_the_hosts_has_its_file(root: Path) -> None:
    """Groups of pyproject.toml, but for `dev`, and files of requirements/ are the same set."""
    with (root / "pyproject.toml").open("rb") as file:
        declared = set(tomllib.load(file)["dependency-groups"]) - {"dev"}
    assert declared == set(GROUPS) == {path.stem for path in (root / "requirements").glob("*.txt")}


def test_the_lock_follows_pyproject(root: Path) -> None:
    """`uv.lock` is what pyproject.toml asks for."""
    _uv(root, "lock", "--check")


@pytest.mark.parametrize("group", GROUPS)
def test_requirements_follow_the_lock(root: Path, tmp_path: Path, group: str) -> None:
    """A file of requirements/ is what the lock exports now, hashes included."""
    output = tmp_path / "requirements.txt"
    _uv(root, "export", "-q", "--frozen", "--only-group", group, "--no-emit-project", "-o", str(output))
    kept = (root / "requirements" / f"{group}.txt").read_text(encoding="utf-8")
    assert _pins(kept) == _pins(output.read_text(encoding="utf-8"))
    assert "--hash=sha256:" in kept


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("group", [*GROUPS, "controller"])
def test_macos_has_a_wheel_of_everything(root: Path, tmp_path: Path, group: str, python: str) -> None:
    """On macOS arm64 each locked package installs from a wheel that the lock knows, whatever the Python."""
    requirements = root / "requirements" / f"{group}.txt"
    if group == "controller":
        requirements = tmp_path / "controller.txt"
        _uv(root, "export", "-q", "--frozen", "--no-emit-project", "-o", str(requirements))
    shown = _uv(
        root,
        *("pip", "install", "--dry-run", "--target", str(tmp_path / "target"), "--only-binary", ":all:"),
        *("--python-platform", "aarch64-apple-darwin", "--python-version", python),
        *("--require-hashes", "-r", str(requirements)),
    )
    assert "Would install" in shown
