"""Which tests may run side by side: `make test` has two processes, and gives a group to one of them whole.

The long groups come first, so that no process is left alone with one of them in the end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Folder → its group, longest first. There is one lab on a machine and one .tripod/ in a checkout; the quotes
# and the modules of the database have a PostgreSQL that is dear to make. Elsewhere a file is a group.
GROUPS = {
    "integration/lab": "lab",
    "integration": "localhost",
    "contract/quotes": "quotes",
    "unit/plugins": "postgres",
}


def _group(path: Path) -> str:
    inside = path.relative_to(TESTS).as_posix()
    return next((group for folder, group in GROUPS.items() if inside.startswith(f"{folder}/")), inside)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test into its group, and the groups into order."""
    order = list(GROUPS.values())
    places = {}
    for item in items:
        group = _group(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
        places[item.nodeid] = order.index(group) if group in order else len(order)
    items.sort(key=lambda item: places[item.nodeid])
