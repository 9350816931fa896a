"""What removes: last in this folder, since the other tests use what these take away."""

from __future__ import annotations

import pytest
from lab_access import foreign_unit, foreign_user
from playbook_runs import LAB_INVENTORY, Lab, playbook

pytestmark = pytest.mark.lab


def test_reset_leaves_nothing(lab: Lab) -> None:
    """After reset no unit, file, limit, user or process of Tripod is left on any host, and all else is."""
    with foreign_user(lab, "tripod-app", "tripod-eve"), foreign_unit(lab, "tripod-app", "tripod-foo"):
        done = playbook(*LAB_INVENTORY, "playbooks/reset.yml")
        assert done.returncode == 0, done.stdout[-4000:]
        assert (lab.root("tripod-app") / "etc/systemd/system/tripod-foo.service").is_file()
    for host in lab.hosts:
        for place in ("opt", "etc/systemd/system", "etc/sysctl.d"):
            assert list((lab.root(host) / place).glob("*tripod*")) == []
        for file in ("passwd", "group"):
            assert "tripod" not in (lab.root(host) / "etc" / file).read_text()
        processes = lab.ssh(host, "ps -eo args")
        assert "/opt/tripod" not in processes
        assert "tripod-" not in lab.ssh(host, "systemctl list-units --all --plain --no-legend 'tripod-*'")


@pytest.mark.long
def test_a_changed_recipe_reaches_hosts_that_run(lab: Lab) -> None:
    """A host that came from another tree than today's is made anew by `make lab-up`."""
    lab.ssh("tripod-load", "echo old > here-before")
    for note in ("tree", "made-from"):
        (lab.folder / f"tripod-load.{note}").write_text("/var/cache/tripod-lab/of-another-recipe\n")
    lab.up()
    assert lab.ssh("tripod-load", "ls") == ""
