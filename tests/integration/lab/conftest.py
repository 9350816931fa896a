"""The lab, up for all tests that need it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import lab_runs
import pytest
import yaml
from playbook_runs import ROOT, Lab, why_no_lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Bring the lab up, and down again at the end unless it was up before.

    Where the machine cannot carry it the test is skipped, and says why; with REQUIRE_LAB=1 it fails.
    """
    reason = why_no_lab()
    if reason and os.environ.get("REQUIRE_LAB") == "1":
        pytest.fail(f"{reason}, and REQUIRE_LAB=1 requires it")
    if reason:
        pytest.skip(reason)
    legs = yaml.safe_load((ROOT / "inventory/lab.yml").read_text(encoding="utf-8"))["tripod"]["children"]
    hosts = [host for leg in legs.values() for host in leg["hosts"].items()]
    lab = Lab({name: variables["ansible_host"] for name, variables in hosts})
    was_up = lab.folder.exists()
    if was_up:
        lab_runs.mend()
    lab.up()
    yield lab
    if not was_up:
        lab.down()
        assert not lab.folder.exists()
        assert not Path("/sys/class/net/tripod0").exists()
