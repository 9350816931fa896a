"""The inventories that come with Tripod."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tripod.inputs.variables import VARIABLES

INVENTORY = Path(__file__).resolve().parents[3] / "inventory"


def test_the_sample_shows_every_variable() -> None:
    """Whatever an inventory may say stands there; what is optional is commented out, with its default."""
    text = (INVENTORY / "sample.yml").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\s*# (\w+): ([^\s#]+)", text, flags=re.MULTILINE))
    assert VARIABLES.keys() <= shown.keys()
    for name in ("app_port", "db_max_connections", "tripod_user", "service_manager"):
        assert shown[name] == str(VARIABLES[name].default), name


def test_the_sample_requires_little() -> None:
    """As it stands it needs a user, become, and an address for each host; `all` has no variables."""
    sample = yaml.safe_load((INVENTORY / "sample.yml").read_text(encoding="utf-8"))
    assert sample.keys() == {"tripod"}
    assert sample["tripod"]["vars"].keys() == {"ansible_user", "ansible_become"}
    for leg in ("load", "app", "db"):
        [host] = sample["tripod"]["children"][leg]["hosts"].values()
        assert host.keys() == {"ansible_host"}
