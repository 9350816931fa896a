"""What the plan must know of an application module in `apps/`, whose contract is `apps/CONTRACT.md`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class App:
    """An application.

    Attributes:
        framework: package of the web framework that it is written for.
        thread_pool: threads of each process that run its blocking handlers, where the framework has them and
            not the server; `/ready` says how many there really are.

    """

    framework: str
    thread_pool: int | None = None


# What AnyIO allows by default, on which Starlette's `run_in_threadpool` runs plain `def` handlers.
_STARLETTE_THREADS = 40

APPS: dict[str, App] = {
    "sync_app": App("flask"),
    "async_app": App("fastapi"),
    "def_app": App("fastapi", _STARLETTE_THREADS),
    "stupid_async_app": App("fastapi"),
    "donkey_patched_async_app": App("flask"),
    "django_unpooled": App("django"),
    "django_pooled": App("django"),
    "fastapi_sqlalchemy": App("fastapi"),
    "fastapi_sqlalchemy_no_limit": App("fastapi"),
    "fastapi_psycopg_pool": App("fastapi"),
    "flask_sqlalchemy_app": App("flask"),
    "flask_psycopg_pool": App("flask"),
}


def app_of(command: str) -> App | None:
    """Return the facts of the app that a command serves, `MODULE:APP` at its end; None of a user's own."""
    words = shlex.split(command)
    return app_at(words[-1]) if words else None


def app_at(target: str) -> App | None:
    """Return the facts of the app at `MODULE:APP`; None of a user's own."""
    return APPS.get(target.partition(":")[0])
