"""Action: write a trial's outcome on the controller, before the next trial starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from tripod.trial import record as trial

DOCUMENTATION = """
action: tripod_record
short_description: write record.json and k6.json of a trial; runs on the controller alone
options:
  trial: {description: the trial, from the plan, type: dict, required: true}
  plan: {description: the run's plan, type: dict, required: true}
  target: {description: URL that k6 sent its load to, type: str, required: true}
  steps: {description: "step name, host name, registered result", type: dict, required: true}
  run_dir: {description: the run's directory, type: path, required: true}
"""


class ActionModule(ActionBase):
    """Ask the library for the record, and write what it says."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the trial's directory."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = self._task.args
        record = trial.record(given["trial"], given["plan"], given["target"], given["steps"])
        load = given["steps"]["load"].get(given["plan"]["legs"]["load"][0], {})
        directory = Path(given["run_dir"]) / "trials" / given["trial"]["trial"]
        directory.mkdir(parents=True, exist_ok=True)
        summary = trial.summary(load, "measure")
        if summary is not None:
            (directory / "k6.json").write_bytes(summary)
        (directory / "record.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        return result | {"changed": True, "status": record["status"], "msg": record["message"]}
