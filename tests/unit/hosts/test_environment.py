"""Whether an environment is whole, and what is said where it cannot be made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tripod.hosts import environment

SCRIPT = Path(__file__).resolve().parents[3] / "roles/environment/files/look.sh"
LOCK = "uv==1.0 \\\n    --hash=sha256:1\n\n# an end without a package\n"


def look(home: Path, python: str = sys.executable) -> str:
    """Return what the script prints of an environment, as Ansible registers it."""
    command = ["/bin/sh", str(SCRIPT), python, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.rstrip("\r\n")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make an environment that is whole."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "tripod.lock").write_text(environment.stamp(look(tmp_path), LOCK), encoding="utf-8")
    return tmp_path


def test_what_is_whole_is_left_alone(home: Path) -> None:
    """Made of the Python that is there, of this very lock: nothing is to do."""
    assert environment.fits(look(home), LOCK)
    over_a_terminal = look(home).replace("\n", "\r\n")
    assert environment.fits(over_a_terminal, LOCK)
    assert environment.stamp(over_a_terminal, LOCK) == environment.stamp(look(home), LOCK)


@pytest.mark.parametrize("gone", ["tripod.lock", "bin/python"])
def test_what_lacks_a_part_is_made_anew(home: Path, gone: str) -> None:
    """Without the note that comes last, or without a Python that runs, it is not whole."""
    (home / gone).unlink()
    assert not environment.fits(look(home), LOCK)


def test_another_lock_or_python_makes_it_anew(home: Path) -> None:
    """So do another lock, and a Python that is another one now than when the environment was made."""
    assert not environment.fits(look(home), LOCK + "more==1\n")
    noted = (home / "tripod.lock").read_text(encoding="utf-8")
    (home / "tripod.lock").write_text(noted.replace("# 3.", "# 2."), encoding="utf-8")
    assert not environment.fits(look(home), LOCK)


def test_nothing_there_is_not_whole(tmp_path: Path) -> None:
    """A directory that is not there is told from all others."""
    assert not environment.fits(look(tmp_path / "none"), LOCK)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("error: invalid peer certificate: UnknownIssuer", "host_ca_bundle in the inventory"),
        ("error: Failed to fetch\n  dns error: failed to lookup", "the host needs to reach pypi.org"),
    ],
)
def test_a_failure_has_its_remedy(said: str, remedy: str) -> None:
    """What the tool said is shown, with what helps against it; what went well is no problem."""
    told = environment.problem("apps", {"rc": 1, "stdout": "", "stderr": "a line\n" * 20 + said})
    assert told.startswith("the environment apps cannot be made:\n")
    assert said in told
    assert remedy in told.split("Remedy: ")[1]
    assert told.count("a line") < 12
    assert environment.problem("apps", {"rc": 0, "stdout": "", "stderr": "warning"}) == ""


def test_a_failure_without_a_known_cause() -> None:
    """Its words alone are shown."""
    assert "Remedy" not in environment.problem("apps", {"rc": 2, "stdout": "no idea", "stderr": ""})
