"""Callback: what a run prints: one line per task, failures as text and once, `debug` messages as they are."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.errors import AnsibleError
from ansible.plugins.callback.default import CallbackModule as Default
from ansible.utils.fqcn import add_internal_fqcns

try:
    from tripod.hosts import unreachable
    from tripod.report import harmless, next_steps, task_text
    from tripod.report.output import Output, Tone
    from tripod.report.trials_output import Terminal, TrialsOutput
except ImportError as error:
    raise AnsibleError(
        f"this ansible-playbook cannot import Tripod's library ({error}); type: .venv/bin/ansible-playbook …"
    ) from None

DOCUMENTATION = """
name: tripod_stdout
type: stdout
short_description: concise output for people
description:
  - One line for each task that ran, with the hosts that it changed; failures as text, each printed once.
  - While trials go on, a terminal shows how far the run is, and what was found so far.
  - With C(-v) and more it prints exactly what Ansible's default callback prints.
extends_documentation_fragment: [default_callback, result_format_callback]
requirements:
  - set as C(stdout_callback) in ansible.cfg
"""

_DEBUG = frozenset(add_internal_fqcns(("debug",)))
# Their message is written for people, and says itself what it is about.
_SPEAKING = frozenset(add_internal_fqcns(("assert", "fail")))
# Tasks of the controller's own book-keeping: of interest when they fail only.
_SILENT = _SPEAKING | frozenset(
    add_internal_fqcns(
        ("include_role", "include_tasks", "meta", "set_fact", "setup", "validate_argument_spec")
    )
)
# Its trials are shown as they go on.
_TRIALS = "tripod_trial"
# A variable of a task that prints the last thing of a playbook: what it is, a key of what stands below it.
_RESULT = "shows_result"
_TABLE = "table"
# What the table is told of the terminal, since the program that prints it has none.
_COLUMNS, _COLOUR = "TRIPOD_COLUMNS", "TRIPOD_COLOUR"
_IN_A_LOG = 120
ROOT = Path(__file__).resolve().parents[2]
_COLORS = {
    Tone.HEADING: constants.COLOR_HIGHLIGHT,
    Tone.OK: constants.COLOR_OK,
    Tone.CHANGED: constants.COLOR_CHANGED,
    Tone.WARNING: constants.COLOR_WARN,
    Tone.ERROR: constants.COLOR_ERROR,
    Tone.UNREACHABLE: constants.COLOR_UNREACHABLE,
}


def _concise(method: Callable[..., None]) -> Callable[..., None]:
    """Leave the event to Ansible's default callback when the user asked for more."""

    @functools.wraps(method)
    def chosen(self: CallbackModule, *arguments: Any, **options: Any) -> None:
        chosen = getattr(Default, method.__name__) if self._display.verbosity else method
        chosen(self, *arguments, **options)

    return chosen


def _nothing(name: str) -> Callable[..., None]:
    """Return the method of this name that prints nothing; with -v it is the default's."""

    def silent(_self: CallbackModule, *_: Any, **_options: Any) -> None:
        """Print nothing: the task's own result, or what was printed before, says it."""

    silent.__name__ = name
    return _concise(silent)


class CallbackModule(Default):
    """Tells the library what happens, and prints what that makes of it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "tripod_stdout"

    def __init__(self) -> None:
        """Write live lines where there is a terminal."""
        super().__init__()
        self._failed_items: dict[str, list[dict[str, Any]]] = {}
        self._plan: dict[str, Any] | None = None
        self._trials: TrialsOutput | None = None
        self._result: str | None = None
        self._terminal = Terminal(sys.stdout.fileno(), _write_live) if _can_be_drawn_on() else None
        self._output = Output(self._show, _write_live if self._terminal else None)
        columns = self._terminal.size()[0] if self._terminal else os.environ.get("COLUMNS") or _IN_A_LOG
        os.environ[_COLUMNS] = str(columns)
        if self._terminal is not None and not os.environ.get("NO_COLOR"):
            os.environ[_COLOUR] = "1"

    @_concise
    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Tell which play begins."""
        self._play = play
        self._output.play(play.get_name().strip())

    @_concise
    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002, FBT001 - given
        """Tell which task begins."""
        self._last_task_name = task.get_name().strip()
        self._failed_items.clear()
        name = self._last_task_name.replace(" : ", ": ", 1)
        self._end_trials()
        self._output.task(name, shown_live=task.action not in _SILENT, speaks_itself=task.action == _TRIALS)
        if task.action == _TRIALS and self._plan is not None:
            self._begin_trials(self._plan)

    @_concise
    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Treat a handler as a task."""
        self.v2_playbook_on_task_start(task, is_conditional=False)

    @_concise
    def v2_runner_on_ok(self, result: Any) -> None:
        """Tell that it went well, or print the message of a `debug` task."""
        self._handle_warnings_and_exception(result)
        self._plan = (result.result.get("ansible_facts") or {}).get("tripod_plan", self._plan)
        if _RESULT in result.task.vars:
            self._result = result.task.vars[_RESULT]
            self._output.end_task()
            self._display.display(f"\n{_coloured(task_text.lines(result.result.get('msg', '')))}")
            return
        if result.task.action in _DEBUG:
            for item in result.result.get("results", [result.result]):
                if not item.get("skipped"):
                    self._output.message(task_text.lines(item.get("msg", "")))
            return
        changed = bool(result.result.get("changed"))
        self._output.ran(
            self.host_label(result), changed=changed, of_interest=result.task.action not in _SILENT
        )

    @_concise
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: FBT001, FBT002 - the interface
        """Print what went wrong, as text and once."""
        self._handle_warnings(result.result)
        items = self._failed_items.pop(result.host.get_name(), [])
        texts = dict.fromkeys(task_text.failure(item) for item in items or [result.result])
        broken = str(result.result.get("msg", "")).startswith("Task failed")
        if result.task.action in _SPEAKING and not broken:
            self._output.message("\n".join(texts), Tone.ERROR)
        else:
            self._output.failed(self.host_label(result), texts, goes_on=ignore_errors)

    @_concise
    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Keep an item that failed for the end of its loop; from core 2.21 on, only this tells which did."""
        self._failed_items.setdefault(result.host.get_name(), []).append(result.result)

    @_concise
    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Print why the host could not be reached, and what to check."""
        host = result.host.get_name()
        text = unreachable.explain(host, str(result.result.get("msg", "")), command=_by_hand(host))
        self._output.unreachable(text, goes_on=bool(result.task.ignore_unreachable))

    v2_runner_on_skipped = _nothing("v2_runner_on_skipped")
    v2_runner_retry = _nothing("v2_runner_retry")
    v2_playbook_on_include = _nothing("v2_playbook_on_include")
    v2_playbook_on_no_hosts_remaining = _nothing("v2_playbook_on_no_hosts_remaining")

    @_concise
    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Tell how a trial ended, where that is what an item was; the process of one host has said it."""
        said = result.result
        if self._trials is not None and result.task.action == _TRIALS and "status" in said:
            self._trials.ended(said["trial"]["name"], said)

    @_concise
    def v2_playbook_on_stats(self, stats: Any) -> None:
        """End the last task, and tell what comes next; without a result, print Ansible's recap."""
        self._end_trials()
        self._output.end_task()
        if self._result is None:
            super().v2_playbook_on_stats(stats)
        elif self._result == _TABLE and self._plan is not None:
            self._output.message("\n".join(next_steps.lines(ROOT / "results" / self._plan["run_id"], ROOT)))

    def _show(self, text: str, tone: Tone) -> None:
        self._display.display(text, color=_COLORS.get(tone))

    def _begin_trials(self, plan: dict[str, Any]) -> None:
        """Show the trials from now on; whatever else is printed meanwhile stands above them."""
        trials = TrialsOutput(plan, ROOT / "results" / plan["run_id"], self._show, self._terminal)
        self._trials = trials
        if self._terminal is not None:
            display = self._display.display
            self._display.display = lambda *words, **options: trials.apart(lambda: display(*words, **options))

    def _end_trials(self) -> None:
        if self._trials is not None:
            trials, self._trials = self._trials, None
            trials.over()
            self._display.__dict__.pop("display", None)


def _can_be_drawn_on() -> bool:
    """Whether somebody looks, at a terminal that can go back to a line above."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"", "dumb", "unknown"}


def _coloured(text: str) -> str:
    """Return text that is harmless already, as it is but for anything else than colours."""
    parts = re.split(r"(\x1b\[[0-9;]*m)", text)
    return "".join(part if number % 2 else harmless.lines(part) for number, part in enumerate(parts))


def _write_live(text: str) -> None:
    """Write at once and as one: a picture of which Ctrl-C leaves a half could not be erased."""
    with suppress(OSError):  # the terminal is gone, as whoever ends the run is told
        sys.stdout.flush()
        left = text.encode(sys.stdout.encoding, errors="replace")
        while left:
            left = left[os.write(sys.stdout.fileno(), left) :]


def _by_hand(host: str) -> str:
    """Return the command that shows all of what SSH says about a host."""
    sources = " ".join(f"-i {source}" for source in context.CLIARGS.get("inventory") or ())
    return " ".join(f".venv/bin/ansible {sources} {host} -m ansible.builtin.raw -a true -vvv".split())
