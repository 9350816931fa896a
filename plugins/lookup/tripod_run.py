"""Lookup: the plan of a run that exists, read from its plan.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase

from tripod.runs import results
from tripod.runs.documents import DamagedFileError

DOCUMENTATION = """
name: tripod_run
short_description: read the plan of an existing run
description:
  - Returns one mapping with C(plan) and C(problems); exactly one of them is empty.
  - Problems are returned rather than raised, so that a play can print them once, without a traceback.
options:
  _terms: {description: the run's id; null for the latest run}
"""

ROOT = Path(__file__).resolve().parents[2]


class LookupModule(LookupBase):
    """Find the run and return its plan."""

    def run(
        self, terms: list[str | None], _variables: dict[str, Any] | None = None, **_kwargs: Any
    ) -> list[Any]:
        """Return the plan of the run named by the first term, or of the latest."""
        try:
            plan = results.read_plan(results.find_run(ROOT / "results", terms[0] if terms else None))
        except (results.RunNotFoundError, DamagedFileError) as error:
            return [{"plan": {}, "problems": [str(error)]}]
        return [{"plan": plan, "problems": []}]
