"""Callback: leave no service running, no host held, no run without an end, however ansible-playbook ends."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible import context
from ansible.parsing.vault import PromptVaultSecret, VaultSecretsContext
from ansible.plugins.callback import CallbackBase
from ansible.utils.vars import load_extra_vars

from tripod.catalogue import lease, typed
from tripod.cli import stopping
from tripod.inputs.parameters import PARAMETERS
from tripod.lease import ownership
from tripod.runs import ending, going
from tripod.runs.stints import file_name

DOCUMENTATION = """
name: tripod_exit
type: notification
short_description: own the hosts' leases, stop what a run that is interrupted started, and write how it ended
description:
  - Ctrl-C runs no C(always) block, and the remote k6 and the services would live on.
"""

ROOT = Path(__file__).resolve().parents[2]
# What ends a controller as Ctrl-C does: with its exit handlers.
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_AGAIN_S = 5


class CallbackModule(CallbackBase):
    """Notes when a run begins and when the playbook ends by itself; what is between is an interruption."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "tripod_exit"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Register the handler in the controller's own process; forks inherit it, but are not it."""
        super().__init__(*arguments, **options)
        self._owner = ownership.begin()
        self._run_dir: Path | None = None
        self._continuation = 0
        self._held: going.Held | None = None
        self._lease = ""
        self._measuring = False
        self._measure_started_at: str | None = None
        self._variables: dict[str, Any] = {}
        self._passwords: tuple[str | None, str | None] = (None, None)
        atexit.register(self._at_exit)

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Let a signal end the controller as Ctrl-C does; one that is ignored, as nohup does, stays so."""
        given = load_extra_vars(playbook._loader)  # noqa: SLF001 - no other way to the -e of files
        self._variables = {name: value for name, value in given.items() if name not in PARAMETERS}
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def set_play_context(self, play_context: Any) -> None:
        """Keep what was typed; Ansible tells it to every callback when a play begins."""
        self._passwords = (play_context.password, play_context.become_pass)

    def v2_runner_on_ok(self, result: Any) -> None:
        """Learn which run this is, and that it exists."""
        facts = result.result.get("ansible_facts") or {}
        if "tripod_plan" in facts:
            self._run_dir = ROOT / "results" / facts["tripod_plan"]["run_id"]
            self._continuation = facts["tripod_plan"].get("continuation", 0)
        if facts.get("tripod_run_begun") and self._run_dir is not None:
            self._measuring = True
            with suppress(OSError):  # the hosts' leases are what keeps a second one away
                self._held = going.Held(ROOT, self._run_dir.name)
        self._lease = facts.get("lease_name", self._lease)
        self._measure_started_at = facts.get("__measure_started_at", self._measure_started_at)

    def v2_playbook_on_stats(self, _stats: Any) -> None:
        """Note that the playbook ended by itself; a run that never reached its end has failed."""
        end = file_name("end", self._continuation)
        if self._measuring and self._run_dir is not None and not (self._run_dir / end).exists():
            self._end(ending.FAILED, "The measurement did not end" if self._measure_started_at else "")
        self._measuring = False

    def _on_signal(self, number: int, _frame: object) -> None:
        if os.getpid() == self._owner.pid:
            if number == signal.SIGHUP:
                _close_terminal()
            # Raised where Python ignores exceptions, in a destructor or a hook of fork, it would be lost.
            signal.signal(signal.SIGALRM, self._on_signal)
            signal.alarm(_AGAIN_S)
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _at_exit(self) -> None:
        if os.getpid() != self._owner.pid:
            return
        for number in (signal.SIGINT, signal.SIGALRM, *_SIGNALS):
            signal.signal(number, signal.SIG_IGN)
        if self._measuring:
            self._measuring = False
            self._end(ending.INTERRUPTED, "Interrupted")
            _say("Finished trials: ./collect.py table")
        self._owner.release()

    def _end(self, outcome: str, why: str) -> None:
        """Stop everything unless nothing was started, and write end.json."""
        left = self._stop_everything(why) if why else []
        run_dir, number = self._run_dir, self._continuation
        if run_dir is None or not (run_dir / file_name("plan")).is_file():
            return  # the run was not there yet
        sources = context.CLIARGS["inventory"] or ()
        _say(f"To measure what is left of the run, type: {typed.resume(run_dir.name, sources)}")
        if not (run_dir / file_name("plan", number)).is_file():
            return  # the continuation was not there yet
        started_at = self._measure_started_at
        try:
            ending.write(run_dir, outcome, started_at, still_running=left, continuation=number)
        except OSError as error:
            place = run_dir / file_name("end", number)
            _say(f"{place} cannot be written: {error.strerror}. Finished trials are kept")

    def _stop_everything(self, why: str) -> list[str]:
        """Run stop.yml with the inventory and the variables of this run; return what may still run."""
        _say(f"\n{why}: stopping services and k6 on every host …")
        problem = stopping.stop(ROOT, self._access(), self._lease)
        if not problem:
            return []
        self._owner.abandon()
        command = typed.playbook("stop", context.CLIARGS["inventory"] or ())
        left = (
            "not every host could be stopped; one that is well stops by itself when it has heard nothing of "
            f"the run for {lease.SILENCE_S:g} s; to stop it, and to see which it is, type: {command}"
        )
        _say(f"{problem}\n{left}")
        return [left]

    def _access(self) -> stopping.Access:
        """Return how the user let this run in, with what he typed."""
        chosen = context.CLIARGS
        password, become_password = self._passwords
        context_of_vaults = VaultSecretsContext.current(optional=True)
        secrets = [secret for _, secret in context_of_vaults.secrets] if context_of_vaults else []
        return stopping.Access(
            chosen=chosen,
            variables=self._variables,
            password=password or ("" if chosen.get("ask_pass") else None),
            become_password=become_password or ("" if chosen.get("become_ask_pass") else None),
            vault_passwords=[
                secret.bytes.decode() for secret in secrets if isinstance(secret, PromptVaultSecret)
            ],
        )


def _say(text: str) -> None:
    """Print where people look for what went wrong, if they still do."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def _close_terminal() -> None:
    """Print to nobody from now on: the terminal is gone, and writing to it would be an error at any place."""
    nobody = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        if os.isatty(descriptor):
            os.dup2(nobody, descriptor)
    os.close(nobody)
