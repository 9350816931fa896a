"""Callback: refuse what was started in a way that cannot work, before any task of any play runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.plugins.callback import CallbackBase
from ansible.utils.vars import load_extra_vars

from tripod.catalogue.legs import LEGS
from tripod.inputs import command_line, inventory_content
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
_OF_EVERY_HOST = (
    "ansible_facts",
    "ansible_local",
    "group_names",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
)


class CallbackModule(CallbackBase):
    """Asks the library once; whatever it says ends the command."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "tripod_start"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Begin with an inventory that nobody looked at."""
        super().__init__(*arguments, **options)
        self._inventory_seen = False

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Check what is known before the first play."""
        started = Path(playbook._file_name).resolve()  # noqa: SLF001 - a callback is told no other way
        given = load_extra_vars(playbook._loader)  # noqa: SLF001 - no other way to the -e of files
        problems = _problems(lambda: command_line.check(started, given, context.CLIARGS, ROOT))
        if command_line.needs_inventory(started, ROOT) and not self._inventory_seen:
            # once: facts that this playbook sets would be among the variables that a second one finds
            self._inventory_seen = True
            manager = playbook.get_plays()[0].get_variable_manager()
            problems += _problems(lambda: inventory_content.check(*_inventory(manager)))
        for problem in problems:
            self._display.display(harmless.plain(problem), color=constants.COLOR_ERROR)
        if problems:
            sys.exit(_EXIT_CODE)


def _problems(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except InputError as error:
        return error.problems
    return []


def _inventory(manager: Any) -> tuple[Any, Any, Any, list[Path]]:
    """Return what `inventory_content.check` asks for, as the inventory has it: no fact is known yet."""
    read = manager._inventory  # noqa: SLF001 - a callback is told no other way
    groups = read.get_groups_dict()
    legs = [leg for leg in LEGS if leg in groups]
    # of every host: what -e says, and Ansible's own
    common = {*manager.get_vars(include_hostvars=False), *_OF_EVERY_HOST}
    host_vars = {}
    for name in {name for leg in legs for name in groups[leg]}:
        known = manager.get_vars(host=read.get_host(name), include_hostvars=False)
        host_vars[name] = {key: value for key, value in known.items() if key not in common}
    files = inventory_content.files_of(read._sources)  # noqa: SLF001 - likewise
    return groups, {leg: read.groups[leg].get_vars() for leg in legs}, host_vars, files
