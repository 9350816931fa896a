"""Which tests may run side by side: `make test` has several processes, and each gets whole groups of them.

The long groups come first, so that no process is left alone with one of them in the end.
"""

from __future__ import annotations

import os
from pathlib import Path

import ansible.module_utils
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# As Ansible has them for its modules: `ansible.module_utils.tripod`.
ansible.module_utils.__path__.append(str(Path(__file__).parents[1] / "plugins" / "module_utils"))

# Where a test is → its group; the first that fits. There is one lab on a machine, and this machine is one
# run's at a time; servers that are dear to start are started by one process. Elsewhere a file is a group.
GROUPS = {
    "tests/integration/lab/": "lab",
    # These take no lease of this machine.
    "tests/integration/test_modules.py": "modules",
    "tests/integration/test_output.py": "output",
    "tests/integration/test_callbacks.py": "output",
    "tests/integration/test_spare_machine.py": "output",
    "tests/integration/": "localhost",
    "tests/contract/quotes/": "quotes",
    "tests/contract/": "contract",
    "tests/unit/quotesdb/": "quotesdb",
    # One browser for all of them.
    "tests/unit/report/page/": "page",
}
LONGEST_FIRST = ("localhost", "lab", "quotes", "contract", "quotesdb")
_OF_MAKE = ("ANSIBLE_CONFIG", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def _group(nodeid: str) -> str:
    file = nodeid.split("::", maxsplit=1)[0]
    return next((group for place, group in GROUPS.items() if file.startswith(place)), file)


class Groups(LoadScopeScheduling):
    """Gives whole groups to processes; xdist's own `loadgroup` does nothing under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def pytest_configure() -> None:
    """Let tests see what a person's shell has, not what `make test` adds to it."""
    for name in _OF_MAKE:
        os.environ.pop(name, None)


@pytest.hookimpl(optionalhook=True)  # -p no:xdist does not know it
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Put our groups in the place of xdist's own."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the groups into order."""
    places = {group: place for place, group in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(_group(item.nodeid), len(places)))
