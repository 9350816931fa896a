"""The files of a run as everybody must know them: the version of each, and what a run may be called."""

from __future__ import annotations

VERSIONS = {"plan": 2, "hosts": 2, "record": 2, "end": 1, "summary": 1}
"""The version in which each document is written; all from 1 on are read. k6.json is k6's, and has none."""

RUN_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""The pattern of a run's name, which goes into paths and onto command lines."""
