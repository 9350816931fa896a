"""Lookup: the plan of a run that exists, read from its plan.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase

from tripod.runs import finding, made, results
from tripod.runs.documents import DamagedFileError, read_content

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
            run_dir = finding.find_run(ROOT / "results", terms[0] if terms else None)
            return [{"plan": _plan(run_dir), "problems": []}]
        except (finding.RunNotFoundError, DamagedFileError) as error:
            return [{"plan": {}, "problems": [str(error)]}]


def _plan(run_dir: Path) -> dict[str, Any]:
    """Return the plan; of a run that was made here, the one that it was made with and no other.

    It says which directory of a host is fetched, and where to.
    """
    content = read_content(run_dir / "plan.json", "plan")
    plan = results.plan_from(content, run_dir)
    if plan["run_id"] != run_dir.name:
        told = f"its plan.json is of run {plan['run_id']}; give the directory that name"
        raise DamagedFileError(run_dir, told)
    if made.is_noted(ROOT, run_dir.name):
        try:
            made.checked(ROOT, run_dir.name, content)
        except made.NotMadeError as error:
            raise DamagedFileError(run_dir, f"{error}; copy the run's own back into it") from None
    return plan
