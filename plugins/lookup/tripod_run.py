"""Lookup: the plan of a run that exists, read from its plan.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from tripod import results

DOCUMENTATION = """
name: tripod_run
short_description: read the plan of an existing run
options:
  _terms: {description: the run's id; the latest run without one}
"""

ROOT = Path(__file__).resolve().parents[2]


class LookupModule(LookupBase):
    """Find the run and return its plan."""

    def run(self, terms: list[str], _variables: dict[str, Any] | None = None, **_kwargs: Any) -> list[Any]:
        """Return the plan of the run named by the first term, or of the latest."""
        try:
            return [results.read_plan(results.find_run(ROOT / "results", terms[0] if terms else None))]
        except (results.RunNotFoundError, ValueError) as error:
            raise AnsibleLookupError(str(error)) from None
