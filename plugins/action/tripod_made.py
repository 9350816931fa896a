"""Action: note on the controller that this checkout made a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from tripod.runs import made

DOCUMENTATION = """
action: tripod_made
short_description: note that this checkout made a run; on the controller alone, once plan.json is written
options:
  run_dir: {description: the run's directory, type: path, required: true}
"""

ROOT = Path(__file__).resolve().parents[2]


class ActionModule(ActionBase):
    """Leave the note to the library."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the note."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        made.take_note(ROOT, Path(self._task.args["run_dir"]))
        return result | {"changed": True}
