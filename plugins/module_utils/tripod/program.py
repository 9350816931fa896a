"""Makes a program, one file that Python runs, of a module that came along in Ansible's archive."""

from __future__ import annotations

import ast
import io
import zipfile
from importlib.util import find_spec
from typing import Any

_PACKAGE = __name__.rsplit(".", 1)[0]


def packed(module: str) -> bytes:
    """Return a program that calls the module's `main`, with all that it imports of Tripod."""
    content = io.BytesIO()
    main = f"import sys\nfrom tripod{module[len(_PACKAGE) :]} import main\nmain(*sys.argv[1:])\n"
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("__main__.py", main)
        for path, text in _imported(module).items():
            archive.writestr(path, text)
    return content.getvalue()


def source(module: str) -> str:
    """Return the source of a module."""
    return _source(module)[0]


def _imported(module: str) -> dict[str, str]:
    """Return path → source of a module, of the packages that it is in, and of what it imports of Tripod."""
    found: dict[str, str] = {}
    wanted = [module]
    while wanted:
        name = wanted.pop()
        text, is_package = _source(name)
        path = "tripod" + name[len(_PACKAGE) :].replace(".", "/") + ("/__init__.py" if is_package else ".py")
        if path in found:
            continue
        found[path] = text
        if name != _PACKAGE:
            wanted.append(name.rpartition(".")[0])
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.level:
                wanted += _named(".".join(name.split(".")[: -node.level]), node)
    return found


def _named(base: str, node: ast.ImportFrom) -> list[str]:
    """Return the modules that an import names; what it takes from a package may be one, too."""
    module = f"{base}.{node.module}" if node.module else base
    if node.module and not _source(module)[1]:
        return [module]
    inner = [f"{module}.{one.name}" for one in node.names]
    return [module, *(one for one in inner if find_spec(one) is not None)]


def _source(module: str) -> tuple[str, bool]:
    """Return the source of a module, and whether it is a package."""
    spec = find_spec(module)
    assert spec is not None  # noqa: S101 - it is imported
    loader: Any = spec.loader
    return str(loader.get_source(module)), spec.submodule_search_locations is not None
