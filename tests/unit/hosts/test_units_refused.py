"""What is said of a unit whose name the plan needs and that is not Tripod's."""

from __future__ import annotations

from tripod.hosts import units


def test_a_unit_of_somebody_else() -> None:
    """It is named with its path, what is allowed, and what to do; nothing is said where there is none."""
    path = "/etc/systemd/system/tripod-a.service"
    (problem,) = units.foreign([{"path": path, "root": None}], "/opt/tripod")
    assert problem.startswith(f"has a unit {path} that is not Tripod's, and the plan needs its name")
    assert "Remedy: give that unit another name, or leave its stack out of the run" in problem
    assert units.foreign([], "/opt/tripod") == []


def test_a_unit_of_another_tripod() -> None:
    """The command that removes it is told, with that one's root."""
    found = {"path": "/etc/systemd/system/tripod-a.service", "root": "/srv/tripod"}
    (problem,) = units.foreign([found], "/opt/tripod")
    assert "of another Tripod, whose tripod_root is /srv/tripod, not /opt/tripod; allowed: " in problem
    assert problem.endswith("playbooks/reset.yml -e tripod_root=/srv/tripod")
