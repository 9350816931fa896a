"""Who is answering: what `/ready` says, seen in the running process and never taken from its configuration.

What cannot be seen is `None`: an unknown server must get an honest answer, not a wrong one and not a crash.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any

from common import environment

# The layers between a server and the application: neither parses HTTP.
_NO_PARSERS = {"starlette", "fastapi", "flask", "werkzeug", "builtins"} | sys.stdlib_module_names


# Distributions by the name of their package, in the order in which they are told.
_FRAMEWORKS = ("django", "fastapi", "flask")
_SERVERS = ("gunicorn", "granian", "uvicorn")


def describe(module: str, *, http: str | None, threads: int | None = None) -> dict[str, Any]:
    """Return the answer to `/ready`, for the application `module` whose request `http` parsed.

    `threads` are those of the framework's own pool, if handlers run there.
    """
    return {
        "service": environment.SERVICE,
        "module": module,
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "loop": event_loop(),
        "http": http,
        "framework": _in_use(_FRAMEWORKS),
        "server": _in_use(_SERVERS),
        "python": platform.python_version(),
        "threads": threads,
    }


def _in_use(packages: tuple[str, ...]) -> str | None:
    """Return those packages that the process has imported, with their versions; `None` if there are none."""
    used = [f"{package} {metadata.version(package)}" for package in packages if package in sys.modules]
    return " + ".join(used) or None


def event_loop() -> str | None:
    """Return the package of the event loop that runs the caller; `None` in a plain thread."""
    try:
        return _package(type(asyncio.get_running_loop()))
    except RuntimeError:
        pass
    greenlet = sys.modules.get("greenlet")
    # Loaded is not running: only a greenlet made by gevent, not the thread's own one, is driven by its loop.
    package = _package(type(greenlet.getcurrent())) if greenlet else None
    return None if package == "greenlet" else package


def asgi_parser(receive: Callable[..., Any]) -> str | None:
    """Return what parsed the request that an ASGI server's `receive` belongs to, e.g. `httptools`, `h11`."""
    owner = getattr(receive, "__self__", None)
    for module in (type(owner).__module__, getattr(receive, "__module__", None), type(receive).__module__):
        if module and module.startswith("uvicorn.protocols.http."):
            return module.rpartition(".")[2].removesuffix("_impl")
        if (package := _parser_package(module)) is not None:
            return package
    return None


def wsgi_parser(environ: Mapping[str, Any]) -> str | None:
    """Return what parsed a WSGI request, e.g. `gunicorn`: the maker of its body, else the server's word."""
    if (package := _parser_package(type(environ.get("wsgi.input")).__module__)) is not None:
        return package
    return environ.get("SERVER_SOFTWARE", "").partition("/")[0].lower() or None


def _package(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _parser_package(module: str | None) -> str | None:
    package = (module or "").partition(".")[0]
    return None if not package or package in _NO_PARSERS else package
