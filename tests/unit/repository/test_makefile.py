"""What `make` does before Python, Ansible or anything else of ours runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from run_files import ROOT


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make with a copy of our Makefile, in a directory without anything else."""
    shutil.copy(ROOT / "Makefile", folder)
    return subprocess.run(
        ["make", "-s", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("program", ["/bin/true", "/bin/false", "/bin/echo", "/no/such/python"])
def test_a_program_that_is_no_python_is_refused(tmp_path: Path, program: str) -> None:
    """One message names it, with what would do; nothing is made."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/uv.txt").touch()
    done = make(tmp_path, "setup", f"PYTHON={program}")
    assert done.returncode != 0
    assert f"module was found; tried: {program}." in done.stderr
    assert "or name one: make PYTHON=/path/to/python3" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_callers_locale_and_settings_do_not_matter(tmp_path: Path) -> None:
    """Ansible starts in UTF-8 only, and with our ansible.cfg: make sees to both."""
    (tmp_path / "shown.mk").write_text('shown:\n\t@echo "$$LC_ALL $$ANSIBLE_CONFIG"\n', encoding="utf-8")
    done = make(tmp_path, "-f", "Makefile", "-f", "shown.mk", "shown", LC_ALL="C", ANSIBLE_CONFIG="/no/such")
    assert done.returncode == 0, done.stderr
    locale, settings = done.stdout.split()
    assert locale.endswith(".UTF-8")
    assert settings == str(tmp_path / "ansible.cfg")


def test_the_callers_python_settings_do_not_matter(tmp_path: Path) -> None:
    """No other library comes before ours, and what was compiled is kept."""
    (tmp_path / "shown.mk").write_text('shown:\n\t@env | grep "^PYTHON" || echo none\n', encoding="utf-8")
    given = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = make(tmp_path, "-f", "Makefile", "-f", "shown.mk", "shown", **given)
    assert done.returncode == 0, done.stderr
    assert not set(given) & {line.partition("=")[0] for line in done.stdout.splitlines()}


def test_a_variable_that_would_change_nothing_is_refused(tmp_path: Path) -> None:
    """A parameter of a run that was given to make, or a name that was mistyped."""
    done = make(tmp_path, "help", "vus=3", "REPEATS=5")
    assert done.returncode != 0
    assert "vus: no variable of this Makefile; allowed: ARGS PYTHON" in done.stderr
    assert 'make bench ARGS="-e duration=20s"' in done.stderr
    assert make(tmp_path, "help", "ARGS=-e vus=3", "REPEATS=5").returncode == 0
