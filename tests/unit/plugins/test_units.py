"""Which units are Tripod's: those whose files say so, and no other, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.tripod import units

MARKED = "# Ansible managed\n[Service]\nExecStart=/opt/tripod/x\n\n# Whose.\n[X-Tripod]\nRoot={root}\n"
# As deploy made it when units had no mark.
UNMARKED = """# Ansible managed
[Unit]
Description=Tripod app under test: gunicorn -w 1 sync_app:app
After=network.target

[Service]
Type=exec
User=tripod
ExecStart=/opt/tripod/envs/apps/bin/gunicorn -w 1 sync_app:app
"""
FOREIGN = "[Unit]\nDescription=Tripod of a camera\n[Service]\nExecStart=/opt/tripod/bin/camera\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a directory in the place of systemd's own."""
    monkeypatch.setattr(units, "HOME", tmp_path / "home")
    monkeypatch.setattr(units, "ELSEWHERE", (tmp_path / "elsewhere",))
    for place in ("home", "elsewhere"):
        (tmp_path / place).mkdir()
    return tmp_path / "home"


def test_ours_are_those_with_the_mark(home: Path) -> None:
    """Those with this root's mark, and those of the time before the mark; not another root's, nor a link."""
    (home / "tripod-a.service").write_text(MARKED.format(root="/opt/tripod"), encoding="utf-8")
    (home / "tripod-old.service").write_text(UNMARKED, encoding="utf-8")
    (home / "tripod-other.service").write_text(MARKED.format(root="/srv/tripod"), encoding="utf-8")
    (home / "tripod-foo.service").write_text(FOREIGN, encoding="utf-8")
    (home / "tripod-link.service").symlink_to(home / "tripod-a.service")
    (home / "tripod-masked.service").symlink_to("/dev/null")
    (home / "tripod-dir.service").mkdir()
    (home / "tripod-raw.service").write_bytes(b"\xff\xfe")
    for root in ("/opt/tripod", "/opt/tripod/", "/opt/./tripod"):
        assert units.ours(root) == ["tripod-a.service", "tripod-old.service"]
    assert units.ours("/srv/tripod") == ["tripod-other.service"]
    assert units.is_ours("tripod-a", "/opt/tripod")
    assert not units.is_ours("tripod-foo.service", "/opt/tripod")
    assert not units.is_ours("tripod-none", "/opt/tripod")


@pytest.mark.parametrize(
    ("description", "program"),
    [
        ("Tripod fake database, 25 ms", "/opt/tripod/envs/fakedb/bin/python -m fakedb"),
        ("Tripod PostgreSQL", "/opt/tripod/postgres/bin/postgres -D /opt/tripod/postgres/data"),
    ],
)
def test_other_units_of_the_time_before_the_mark(home: Path, description: str, program: str) -> None:
    """The databases of that time are known, too."""
    text = f"# Ansible managed\n[Unit]\nDescription={description}\n[Service]\nExecStart={program}\n"
    (home / "tripod-x.service").write_text(text, encoding="utf-8")
    assert units.ours("/opt/tripod") == ["tripod-x.service"]


def test_names_that_others_have(home: Path) -> None:
    """A needed name is taken by any unit that is not ours, wherever systemd looks, with whose it is."""
    (home / "tripod-a.service").write_text(UNMARKED, encoding="utf-8")
    (home / "tripod-b.service").symlink_to("/dev/null")
    (home / "tripod-c.service").write_text(MARKED.format(root="/srv/tripod"), encoding="utf-8")
    (home.parent / "elsewhere/tripod-a.service").write_text(FOREIGN, encoding="utf-8")
    names = [f"tripod-{letter}.service" for letter in "abcd"]
    assert units.foreign(names, "/opt/tripod") == [
        {"path": f"{home}/tripod-b.service", "root": None},
        {"path": f"{home}/tripod-c.service", "root": "/srv/tripod"},
        {"path": f"{home.parent}/elsewhere/tripod-a.service", "root": None},
    ]
