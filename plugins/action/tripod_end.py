"""Action: write end.json on the controller when every trial was tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from tripod.runs import ending

DOCUMENTATION = """
action: tripod_end
short_description: write end.json of a run whose measurement came to its end; runs on the controller alone
options:
  run_dir: {description: the run's directory, type: path, required: true}
  continuation: {description: "which of the run's this is, from 1; 0 is the run as it began", type: int,
                 required: true}
  measure_started_at: {description: "start of the measurement, ISO 8601 in UTC", type: str, required: true}
  measure_ended_at: {description: "its end, likewise", type: str, required: true}
  clocks: {description: "how far the hosts' clocks are apart now, see tripod.hosts.clocks", type: dict,
           required: true}
  stopped: {description: what tripod_stop returned on each host, type: list, elements: dict, required: true}
"""


class ActionModule(ActionBase):
    """Leave the content to the library."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the file."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = self._task.args
        left = [told["left"] for told in given["stopped"] if told["left"]]
        written = ending.write(
            Path(given["run_dir"]),
            ending.COMPLETED,
            given["measure_started_at"],
            measure_ended_at=given["measure_ended_at"],
            clocks=given["clocks"],
            still_running=left,
            continuation=int(given["continuation"]),
        )
        return result | {"changed": written}
