"""Callback: refuse what was started in a way that cannot work, before any task of any play runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.plugins.callback import CallbackBase
from ansible.utils.vars import load_extra_vars

from tripod.inputs import command_line
from tripod.inputs.errors import InputError
from tripod.report import harmless

DOCUMENTATION = """
name: tripod_start
type: notification
short_description: refuse what a playbook's command line and inventory may not say
description:
  - A task would not do. C(--tags), C(--limit) and others leave tasks out, and by the time that one runs, all
    playbooks have been read with the names that C(-e) set.
"""

ROOT = Path(__file__).resolve().parents[2]
_EXIT_CODE = 2


class CallbackModule(CallbackBase):
    """Asks the library once; whatever it says ends the command."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "tripod_start"

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Check what is known before the first play."""
        started = Path(playbook._file_name).resolve()  # noqa: SLF001 - a callback is told no other way
        given = load_extra_vars(playbook._loader)  # noqa: SLF001 - no other way to the -e of files
        try:
            command_line.check(started, given, context.CLIARGS, ROOT)
        except InputError as error:
            for problem in error.problems:
                self._display.display(harmless.plain(problem), color=constants.COLOR_ERROR)
            sys.exit(_EXIT_CODE)
