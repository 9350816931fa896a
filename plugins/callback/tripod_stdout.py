"""Callback: what a run prints: one line per task, failures as text and once, `debug` messages as they are."""

from __future__ import annotations

import functools
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from ansible import constants, context
from ansible.errors import AnsibleError
from ansible.plugins.callback.default import CallbackModule as Default
from ansible.utils.fqcn import add_internal_fqcns

try:
    from tripod.hosts import unreachable
    from tripod.report import task_text
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
# Prints a line for each trial itself, when it begins.
_TRIALS = "tripod_trial"
_LIVE_COLUMNS = 70
_ERASE_LINE = "\r\033[K"


def _concise(method: Callable[..., None]) -> Callable[..., None]:
    """Leave the event to Ansible's default callback when the user asked for more."""

    @functools.wraps(method)
    def chosen(self: CallbackModule, *arguments: Any, **options: Any) -> None:
        chosen = getattr(Default, method.__name__) if self._display.verbosity else method
        chosen(self, *arguments, **options)

    return chosen


class CallbackModule(Default):
    """Collects what a task did on all hosts, and prints it when the task is over."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "tripod_stdout"

    def __init__(self) -> None:
        """Begin with nothing to print."""
        super().__init__()
        self._heading = ""
        self._quiet = False
        self._name = ""
        self._ran = False
        self._named = False
        self._changed: list[str] = []
        self._live = sys.stdout.isatty()

    @_concise
    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Keep the play's name until one of its tasks has something to print."""
        self._end_task()
        self._play = play
        self._heading = play.get_name().strip()

    @_concise
    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002, FBT001 - given
        """End the task before this one, and show on a terminal what is going on."""
        self._end_task()
        self._last_task_name = task.get_name().strip()
        self._name = self._last_task_name.replace(" : ", ": ", 1)
        if task.action == _TRIALS:
            self._print_heading()
            self._quiet = True
            return
        if self._live and task.action not in _SILENT:
            sys.stdout.write(f"  {self._name[:_LIVE_COLUMNS]} …")
            sys.stdout.flush()

    @_concise
    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Treat a handler as a task."""
        self.v2_playbook_on_task_start(task, is_conditional=False)

    @_concise
    def v2_runner_on_ok(self, result: Any) -> None:
        """Note the host, or print the message of a `debug` task."""
        self._handle_warnings_and_exception(result)
        if result.task.action in _DEBUG:
            for item in result.result.get("results", [result.result]):
                if not item.get("skipped"):
                    self._print("\n" + task_text.lines(item.get("msg", "")))
            return
        changed = bool(result.result.get("changed"))
        self._ran = self._ran or changed or result.task.action not in _SILENT
        if changed:
            self._changed.append(self.host_label(result))

    @_concise
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: FBT001, FBT002 - the interface
        """Print what went wrong, as text and once."""
        self._handle_warnings(result.result)
        label = self.host_label(result)
        items = [item for item in result.result.get("results", []) if item.get("failed")]
        texts = dict.fromkeys(task_text.failure(item) for item in items or [result.result])
        broken = str(result.result.get("msg", "")).startswith("Task failed")
        if result.task.action in _SPEAKING and not broken:
            self._print("\n".join(["", *texts]), constants.COLOR_ERROR)
            return
        self._print_name()
        word, color = "FAILED", constants.COLOR_ERROR
        if ignore_errors:
            word, color = "failed, and the run goes on", constants.COLOR_WARN
        for text in texts:
            self._print(_indented(f"{word}: {label}: {text}"), color)

    @_concise
    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Print why the host could not be reached, and what to check."""
        host = result.host.get_name()
        text = unreachable.explain(host, str(result.result.get("msg", "")), command=_by_hand(host))
        if result.task.ignore_unreachable:
            text = text.splitlines()[0] + " (the run goes on)"
        self._print_name()
        self._print(_indented(f"UNREACHABLE: {text}"), constants.COLOR_UNREACHABLE)

    @_concise
    def v2_runner_on_skipped(self, result: Any) -> None:
        """Print nothing; the default would end the task's line."""

    @_concise
    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Print nothing; the task's own result has all items."""

    @_concise
    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Print nothing; the task's own result has all items."""

    @_concise
    def v2_runner_retry(self, result: Any) -> None:
        """Print nothing; the last attempt is the result."""

    @_concise
    def v2_playbook_on_include(self, included_file: Any) -> None:
        """Print nothing; the included tasks have names of their own."""

    @_concise
    def v2_playbook_on_no_hosts_remaining(self) -> None:
        """Print nothing; what went wrong has been printed."""

    @_concise
    def v2_playbook_on_stats(self, stats: Any) -> None:
        """End the last task, and print Ansible's recap."""
        self._end_task()
        super().v2_playbook_on_stats(stats)

    def _end_task(self) -> None:
        """Print the line of the task that is over, if it did anything."""
        if self._live:
            sys.stdout.write(_ERASE_LINE)
        if not self._quiet and (self._changed or (self._ran and not self._named)):
            changed = f"  [changed: {', '.join(self._changed)}]" if self._changed else ""
            self._print_heading()
            color = constants.COLOR_CHANGED if changed else constants.COLOR_OK
            self._print(f"  {self._name}{changed}", color)
        self._ran = self._named = self._quiet = False
        self._changed = []

    def _print_heading(self) -> None:
        if self._heading:
            self._print(f"\n{self._heading}", constants.COLOR_HIGHLIGHT)
            self._heading = ""

    def _print_name(self) -> None:
        """Print which task the lines that follow are about."""
        self._print_heading()
        if not self._named:
            self._print(f"  {self._name}", constants.COLOR_ERROR)
            self._named = True

    def _print(self, text: str, color: str | None = None) -> None:
        if self._live:
            sys.stdout.write(_ERASE_LINE)
        self._display.display(text, color=color)


def _by_hand(host: str) -> str:
    """Return the command that shows all of what SSH says about a host."""
    sources = " ".join(f"-i {source}" for source in context.CLIARGS.get("inventory") or ())
    return " ".join(f".venv/bin/ansible {sources} {host} -m ansible.builtin.raw -a true -vvv".split())


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
