"""The library's packages: one sentence each, and dependencies that point one way."""

from __future__ import annotations

import ast
import graphlib
import re
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "tripod"
ARCHITECTURE = LIBRARY.parent / "docs" / "architecture.md"
PACKAGES = sorted(path.parent.name for path in LIBRARY.glob("*/__init__.py"))


def allowed() -> dict[str, set[str]]:
    """Return package → packages that it may use, as the table in docs/architecture.md says."""
    page = ARCHITECTURE.read_text(encoding="utf-8").split("\n## The library\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)/` \|.*\| ([^|\n]*)\|$", page, re.MULTILINE)
    return {package: set(re.findall(r"`(\w+)`", uses)) for package, uses in rows}


def imported(package: str) -> dict[str, set[str]]:
    """Return module → other packages of the library that it imports, at its top or inside a function."""
    found = {}
    for path in (LIBRARY / package).rglob("*.py"):
        names = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: a relative import hides where it points"
                full = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                full = [alias.name for alias in node.names]
            else:
                continue
            names.update(name.split(".")[1] for name in full if name.startswith("tripod."))
        found[str(path.relative_to(LIBRARY))] = names - {package}
    return found


def test_the_table_has_every_package() -> None:
    """Each package is in the table, and nothing stands beside the packages."""
    assert sorted(allowed()) == PACKAGES
    assert [path.name for path in LIBRARY.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_uses_what_the_table_allows(package: str) -> None:
    """An import against the table fails, with the module that has it."""
    wrong = {
        module: sorted(names - allowed()[package])
        for module, names in imported(package).items()
        if names - allowed()[package]
    }
    assert wrong == {}


def test_the_table_has_no_circle_and_no_leave_without_use() -> None:
    """Data flow one way: the table can be laid out on floors; what it allows is in use."""
    list(graphlib.TopologicalSorter(allowed()).static_order())
    unused = {
        package: sorted(uses - set().union(*imported(package).values()))
        for package, uses in allowed().items()
    }
    assert {package: names for package, names in unused.items() if names} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_belongs_in_it(package: str) -> None:
    """Its docstring is one sentence."""
    told = ast.get_docstring(ast.parse((LIBRARY / package / "__init__.py").read_text(encoding="utf-8")))
    assert told
    assert told.endswith(".")
    assert "\n" not in told


def test_tests_follow_the_tree() -> None:
    """Each package's tests are in the folder of its name."""
    folders = {
        path.name for path in Path(__file__).parent.iterdir() if path.is_dir() and any(path.glob("test_*"))
    }
    assert set(PACKAGES) - folders == set()
