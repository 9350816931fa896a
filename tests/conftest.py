"""Which tests may run side by side: `make test` has two processes, and gives a group to one of them whole.

The long groups come first, so that no process is left alone with one of them in the end.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Folder → its group, longest first. There is one lab on a machine and one .tripod/ in a checkout; the quotes
# and quotesdb have a PostgreSQL that is dear to make. Elsewhere a file is a group.
GROUPS = {
    "tests/integration/lab": "lab",
    "tests/integration": "localhost",
    "tests/contract/quotes": "quotes",
    "tests/unit/quotesdb": "postgres",
}


def _group(nodeid: str) -> str:
    file = nodeid.split("::", maxsplit=1)[0]
    return next((group for folder, group in GROUPS.items() if file.startswith(f"{folder}/")), file)


class Groups(LoadScopeScheduling):
    """Gives whole groups to processes; xdist's own `loadgroup` does nothing under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Put our groups in the place of xdist's own."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the groups into order."""
    order = list(GROUPS.values())
    places = {group: place for place, group in enumerate(order)}
    items.sort(key=lambda item: places.get(_group(item.nodeid), len(order)))
