"""Callback: leave no service running and no run without an end, however ansible-playbook ends."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase
from ansible.utils.vars import load_extra_vars

from tripod.cli import stopping
from tripod.inputs.parameters import PARAMETERS
from tripod.runs import ending

DOCUMENTATION = """
name: tripod_exit
type: notification
short_description: stop Tripod's services when a run is interrupted, and write how it ended
description:
  - Ctrl-C runs no C(always) block, and the remote k6 and the services would live on.
requirements:
  - enabled in ansible.cfg
"""

ROOT = Path(__file__).resolve().parents[2]


class CallbackModule(CallbackBase):
    """Notes when a run begins and when the playbook ends by itself; what is between is an interruption."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "tripod_exit"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Register the handler in the controller's own process; forks inherit it, but are not it."""
        super().__init__(*arguments, **options)
        self._pid = os.getpid()
        self._run_dir: Path | None = None
        self._measuring = False
        self._measure_started_at: str | None = None
        self._variables: dict[str, Any] = {}
        atexit.register(self._at_exit)

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Let SIGTERM end the controller as Ctrl-C does: with its exit handlers."""
        given = load_extra_vars(playbook._loader)  # noqa: SLF001 - no other way to the -e of files
        self._variables = {name: value for name, value in given.items() if name not in PARAMETERS}
        signal.signal(signal.SIGTERM, self._on_term)

    def v2_runner_on_ok(self, result: Any) -> None:
        """Learn which run this is, and that it exists."""
        facts = result.result.get("ansible_facts") or {}
        if "tripod_plan" in facts:
            self._run_dir = ROOT / "results" / facts["tripod_plan"]["run_id"]
        if facts.get("tripod_run_created"):
            self._measuring = True
        self._measure_started_at = facts.get("__measure_started_at", self._measure_started_at)

    def v2_playbook_on_stats(self, _stats: Any) -> None:
        """Note that the playbook ended by itself; a run that never reached its end has failed."""
        if self._measuring and self._write_end(ending.FAILED) and self._measure_started_at:
            self._stop_everything("The measurement did not end")
        self._measuring = False

    def _on_term(self, *_: Any) -> None:
        if os.getpid() == self._pid:
            raise KeyboardInterrupt
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    def _at_exit(self) -> None:
        if not self._measuring or os.getpid() != self._pid:
            return
        self._measuring = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._write_end(ending.INTERRUPTED)
        self._stop_everything("Interrupted")
        print("Finished trials: ./collect.py table", file=sys.stderr, flush=True)

    def _stop_everything(self, why: str) -> None:
        """Run stop.yml with the inventory and the variables of this run."""
        print(f"\n{why}: stopping services and k6 on every host …", file=sys.stderr, flush=True)
        problem = stopping.stop(ROOT, context.CLIARGS, self._variables)
        if problem:
            print(problem, file=sys.stderr)

    def _write_end(self, outcome: str) -> bool:
        """Write end.json unless the run has it; return whether it was written."""
        if self._run_dir is None or not self._run_dir.is_dir():
            return False
        return ending.write(self._run_dir, outcome, self._measure_started_at)
