"""Filters: names that playbooks and roles use are there, and none is there for nobody."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_USED = re.compile(r"\|\s*(tripod_\w+)|map\('(tripod_\w+)'")


def test_every_filter_that_is_used_is_defined_and_used() -> None:
    """A name that only a continuation comes to would else be missed by most runs."""
    files = [path for place in ("playbooks", "roles") for path in (ROOT / place).rglob("*.yml")]
    files += list((ROOT / "roles").rglob("*.j2"))
    used = {name for path in files for found in _USED.findall(path.read_text()) for name in found if name}
    plugin = (ROOT / "plugins/filter/tripod.py").read_text(encoding="utf-8")
    assert used == set(re.findall(r'^            "(tripod_\w+)": ', plugin, re.MULTILINE))
