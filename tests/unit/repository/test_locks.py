"""The locks: requirements/ follows uv.lock, and everything installs without a compiler, on macOS, too."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from packaging import tags
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

GROUPS = ("uv", "apps", "fakedb", "k6", "postgres")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("macOS arm64", "Linux x86_64", "Linux aarch64")
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


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
def test_everything_installs_from_a_wheel(root: Path, controller: str, machine: str, python: str) -> None:
    """Of each package of every environment, one of the pinned hashes is that of a wheel for the machine."""
    lacking = {
        group: lacks
        for group in (*GROUPS, "controller")
        if (lacks := _without_wheel(root, _requirements(root, group, controller), machine, python))
    }
    assert lacking == {}


def test_a_missing_hash_is_seen(root: Path) -> None:
    """Without the hashes of the wheels that a Mac with Python 3.14 would take, a package has none there."""
    text = (root / "requirements" / "fakedb.txt").read_text(encoding="utf-8")
    wheels = _wheels(root)[("uvloop", _version_of(text, "uvloop"))]
    taken = [wheel["hash"] for wheel in wheels if "cp314-cp314-macosx" in wheel["url"]]
    less = "\n".join(line for line in text.splitlines() if not any(known in line for known in taken))
    assert _without_wheel(root, less, "macOS arm64", "3.14") == ["uvloop"]
    assert _without_wheel(root, less, "macOS arm64", "3.13") == []


@pytest.fixture
def controller(root: Path) -> str:
    """Return what the controller's environment is made of, as the lock exports it."""
    return _uv(root, "export", "-q", "--frozen", "--no-emit-project")


def _requirements(root: Path, group: str, controller: str) -> str:
    if group == "controller":
        return controller
    return (root / "requirements" / f"{group}.txt").read_text(encoding="utf-8")


def _version_of(requirements: str, name: str) -> str:
    found = re.search(rf"^{name}==(\S+)", requirements, re.MULTILINE)
    assert found
    return found[1]


def _wheels(root: Path) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Return (package, version) → its wheels in the lock."""
    with (root / "uv.lock").open("rb") as file:
        packages = tomllib.load(file)["package"]
    return {(known["name"], known["version"]): known.get("wheels", []) for known in packages}


def _without_wheel(root: Path, requirements: str, machine: str, python: str) -> list[str]:
    """Return the required packages of which no pinned hash belongs to a wheel that fits."""
    wheels = _wheels(root)
    fitting = _tags(machine, python)
    lacking = []
    for logical in re.sub(r"\\\n", " ", _pins(requirements)).splitlines():
        text, *hashes = logical.split("--hash=")
        if not text.strip():
            continue
        wanted = Requirement(text.strip())
        if wanted.marker and not wanted.marker.evaluate(_environment(machine, python)):
            continue
        pinned = {known.strip() for known in hashes}
        (version,) = [part.version for part in wanted.specifier]
        names = [
            wheel["url"].rpartition("/")[2]
            for wheel in wheels[(wanted.name, version)]
            if wheel["hash"] in pinned
        ]
        if not any(parse_wheel_filename(unquote(name))[3] & fitting for name in names):
            lacking.append(wanted.name)
    return lacking


def _tags(machine: str, python: str) -> frozenset[tags.Tag]:
    """Return the tags that an installer on the machine accepts: macOS 13, or glibc 2.36 as in Debian 12."""
    system, architecture = machine.split()
    if system == "macOS":
        platforms = list(tags.mac_platforms((13, 0), architecture))
    else:
        platforms = [f"manylinux_2_{minor}_{architecture}" for minor in range(36, 16, -1)]
        platforms += [f"manylinux2014_{architecture}", f"linux_{architecture}"]
        if architecture == "x86_64":
            platforms += [f"manylinux_2_{minor}_x86_64" for minor in range(16, 4, -1)]
            platforms += ["manylinux2010_x86_64", "manylinux1_x86_64"]
    version = tuple(int(part) for part in python.split("."))
    own = tags.cpython_tags(version, platforms=platforms)
    return frozenset((*own, *tags.compatible_tags(version, f"cp{''.join(python.split('.'))}", platforms)))


def _environment(machine: str, python: str) -> dict[str, str]:
    """Return what markers are evaluated in."""
    system, architecture = machine.split()
    mac = system == "macOS"
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "darwin" if mac else "linux",
        "platform_system": "Darwin" if mac else "Linux",
        "platform_machine": architecture,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "posix",
    }
