"""Which hosts are refused, by what the script that looks at them really prints, and with which remedy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tripod.hosts import preflight

SCRIPT = Path(__file__).resolve().parents[3] / "roles/host/files/look.sh"
ROOT, USERS = "/opt/tripod", ["tripod-app", "tripod-fakedb"]
DEBIAN = "system debian\nversion 12\nname Debian GNU/Linux 12 (bookworm)\n"
PYTHON = "python 3.11.2 venv /usr/bin/python3\n"


def judge(text: str, *, asked: str | None = None, supervised: bool = False) -> list[str]:
    """Judge a host by the script's output."""
    manager = "supervisor" if supervised else "systemd"
    users = [] if supervised else USERS
    return preflight.unfit({"stdout": text}, asked or "auto_silent", ROOT, users, manager)


@pytest.mark.parametrize(
    "text",
    [
        DEBIAN + PYTHON,
        DEBIAN.replace("12", "13") + PYTHON + f"root tripod\nuser tripod-app {ROOT}\n",
        "system debian\nversion \nname Debian GNU/Linux forky/sid\n" + PYTHON,
        "system ubuntu\nversion 24.04\nname Ubuntu 24.04.1 LTS\n" + PYTHON,
        "system ubuntu\nversion 26.04\nname Ubuntu 26.04 LTS\n" + PYTHON.replace("3.11.2", "3.14.3"),
        DEBIAN + "missing python3.13\n" + PYTHON + "python 3.9.1 venv /usr/bin/python3.9\n",
    ],
)
def test_what_fits_is_not_refused(text: str) -> None:
    """Debian 12 to unstable, Ubuntu 24.04 and 26.04, provisioned or not, whatever other Pythons there are."""
    assert judge(text) == []


def test_macos_fits_on_localhost_only() -> None:
    """A Mac is for localhost, where supervisor runs the services."""
    mac = "system Darwin\nversion 15.1\nname Darwin 15.1\n" + PYTHON
    assert judge(mac, supervised=True) == []
    assert judge(mac)[0].startswith("runs Darwin 15.1; allowed: Debian 12 or newer, Ubuntu 24.04 or newer")


@pytest.mark.parametrize(
    ("system", "version"),
    [("debian", "11"), ("ubuntu", ""), ("ubuntu", "22.04"), ("ubuntu", "23.10"), ("alpine", "3.20")],
)
def test_other_systems_are_named(system: str, version: str) -> None:
    """What runs there, what is allowed, what to do."""
    [problem] = judge(f"system {system}\nversion {version}\nname Some {system} {version}\n" + PYTHON)
    assert problem.startswith(f"runs Some {system} {version}".rstrip() + "; allowed: Debian 12 or newer")
    assert "Remedy: " in problem


def test_no_python_is_named() -> None:
    """A host without any Python is told how to get one."""
    [problem] = judge(DEBIAN + "missing python3.12\nmissing python3\n")
    assert problem.startswith("has no python3; allowed: Python 3.11 to 3.14")
    assert "apt-get install python3" in problem


def test_an_old_python_beside_a_new_one() -> None:
    """The remedy names the Python that would do, for the inventory."""
    [problem] = judge(
        DEBIAN + "python 3.9.1 venv /usr/bin/python3.9\npython 3.12.1 bare /opt/py/bin/python3.12\n"
    )
    assert problem.startswith("has a Python 3.9.1 at /usr/bin/python3.9; allowed: Python 3.11 to 3.14")
    assert "ansible_python_interpreter: /opt/py/bin/python3.12" in problem


def test_an_old_python_alone() -> None:
    """The remedy says that a newer one has to be installed."""
    [problem] = judge(DEBIAN + "python 3.9.1 venv /usr/bin/python3.9\n")
    assert "Remedy: install one of these" in problem


@pytest.mark.parametrize("version", ["3.15.0", "3.20.1", "4.0.0"])
def test_a_python_newer_than_the_locks(version: str) -> None:
    """One that the locks have no hashes for is refused by its version, with one beside it that would do."""
    newer = f"python {version} venv /usr/bin/python3\n"
    [problem] = judge(DEBIAN + newer)
    assert problem.startswith(f"has a Python {version} at /usr/bin/python3; allowed: Python 3.11 to 3.14")
    assert "Remedy: install one of these" in problem
    [problem] = judge(DEBIAN + newer + "python 3.14.2 venv /usr/bin/python3.14\n")
    assert "Remedy: in the inventory, ansible_python_interpreter: /usr/bin/python3.14" in problem


def test_the_newest_python_of_the_locks_fits() -> None:
    """3.14 does, with whatever number behind it."""
    assert judge(DEBIAN + "python 3.14.10 venv /usr/bin/python3\n") == []


def test_an_interpreter_that_is_not_there() -> None:
    """One that the inventory names, but the host has not, is named with one that it has."""
    [problem] = judge(DEBIAN + "missing /opt/py/bin/python3\n" + PYTHON, asked="/opt/py/bin/python3")
    assert problem.startswith("has no /opt/py/bin/python3, which the inventory names")
    assert "ansible_python_interpreter: /usr/bin/python3" in problem


def test_a_directory_of_somebody_else() -> None:
    """A root that has other files is refused, since a reset would remove them."""
    [problem] = judge(DEBIAN + PYTHON + "root foreign\n")
    assert f"files in {ROOT} that are not Tripod's" in problem
    assert "tripod_root" in problem


def test_a_user_of_somebody_else() -> None:
    """One that exists and lives elsewhere is refused: provision would change it, and a reset remove it."""
    text = DEBIAN + PYTHON + "user tripod-app /home/app\n"
    [problem] = judge(text)
    assert "a user tripod-app already, with the home /home/app" in problem
    assert "Remedy: another tripod_user" in problem
    assert judge(text, supervised=True) == []  # nothing runs as that user there


def test_a_group_of_somebody_else() -> None:
    """One without such a user is refused: whoever is in it could read what is that user's alone."""
    [problem] = judge(DEBIAN + PYTHON + "group tripod-fakedb\n")
    assert "a group tripod-fakedb already, and no such user" in problem
    assert "Remedy: another tripod_user" in problem


def test_which_users_tripod_made() -> None:
    """Those that it noted as its own, and the one of a Tripod that noted nothing; who else is there stays."""
    text = DEBIAN + "resident tripod-app Made by Tripod\nresident tripod \nresident eve Eve\nresident bob \n"
    assert preflight.made_users(text, "Made by Tripod", "tripod") == ["tripod-app", "tripod"]
    assert preflight.made_users(DEBIAN, "Made by Tripod", "tripod") == []
    assert preflight.missing_users(DEBIAN + f"user tripod-app {ROOT}\n", USERS) == ["tripod-fakedb"]


def test_sudo_that_asks_for_a_password() -> None:
    """When not even the first command ran, its words are shown with what to check."""
    result = {"stdout": "", "stderr": "sudo: a password is required\n"}
    [problem] = preflight.unfit(result, "auto", ROOT, USERS, "systemd")
    assert "sudo: a password is required" in problem
    assert "--ask-become-pass" in problem
    assert "sudo-rs, the sudo of Ubuntu 25.10 and newer, takes no typed password from Ansible" in problem


def test_all_problems_come_at_once() -> None:
    """An unsupported system without Python and with a foreign directory has three problems."""
    assert len(judge("system alpine\nversion 3.20\nname Alpine\nmissing python3\nroot foreign\n")) == 3


def look(root: Path | str, users: str, *pythons: str, units: str = "", path: str = "/usr/bin:/bin") -> str:
    """Run the script as a host would."""
    command = ["/bin/sh", str(SCRIPT), str(root), users, units, *pythons]
    done = subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="this machine's os-release and users are looked at")
def test_the_script_sees_this_machine(tmp_path: Path) -> None:
    """It prints what is there: the Python that is asked for, a missing one, the directory, a user's home."""
    python = tmp_path / "a directory" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    seen = preflight.read(look(tmp_path, "root no-such-user tty", str(python), "no-such-python"))
    assert seen.pythons == [preflight.Python(str(python), sys.version_info[:3], True)]  # noqa: FBT003
    assert seen.missing == ["no-such-python"]
    assert seen.values["root"] == "foreign"
    assert seen.users == {"root": "/root"}
    assert seen.groups == ["tty"]  # a group everywhere, and a user nowhere
    assert seen.residents == {}
    assert preflight.read(look("/root", "")).residents == {"root": "root"}
    assert {"system", "version", "name"} <= seen.values.keys()


def test_the_script_knows_tripods_directory(tmp_path: Path) -> None:
    """An empty directory and one that is not there are free; a marked one is Tripod's."""
    assert "root" not in preflight.read(look(tmp_path, "nobody")).values
    assert "root" not in preflight.read(look(tmp_path / "none", "nobody")).values
    (tmp_path / "README.tripod").touch()
    assert preflight.read(look(tmp_path, "nobody")).values["root"] == "tripod"


def test_the_script_tells_what_is_as_it_should_be(tmp_path: Path) -> None:
    """A cache that is closed needs no closing; units that are not there, or not marked, are not yet ours."""
    (tmp_path / "cache").mkdir(mode=0o755)
    seen = preflight.read(look(tmp_path, "", units="")).values
    assert ("cache" in seen, seen["units"]) == (False, "ours")
    (tmp_path / "cache").chmod(0o700)
    seen = preflight.read(look(tmp_path, "", units="tripod-no-such-unit.service")).values
    assert (seen["cache"], "units" in seen) == ("closed", False)


def test_the_script_runs_where_no_python_is(tmp_path: Path) -> None:
    """Without any Python, and with a broken one, it still tells the rest."""
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    broken.chmod(0o755)
    seen = preflight.read(look(tmp_path / "none", "nobody", "python3", path=f"{tmp_path}:/usr/bin:/bin"))
    assert seen.pythons == [preflight.Python(str(broken), (), False)]  # noqa: FBT003
    [problem] = judge(DEBIAN + f"python none none {broken}\n")
    assert f"a Python that does not run at {broken}" in problem
