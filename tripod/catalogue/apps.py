"""What the plan must know of an application module in `apps/`, whose contract is `apps/CONTRACT.md`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class App:
    """An application.

    Attributes:
        title: what people call it.
        framework: package of the web framework that it is written for.
        thread_pool: threads of each process that run its blocking handlers, where the framework has them and
            not the server; `/ready` says how many there really are.

    """

    title: str
    framework: str
    thread_pool: int | None = None


# What AnyIO allows by default, on which Starlette's `run_in_threadpool` runs plain `def` handlers.
_STARLETTE_THREADS = 40

APPS: dict[str, App] = {
    "sync_app": App("Flask", "flask"),
    "async_app": App("FastAPI", "fastapi"),
    "def_app": App("FastAPI def", "fastapi", _STARLETTE_THREADS),
    "stupid_async_app": App("FastAPI blocking in async def", "fastapi"),
    "donkey_patched_async_app": App("Flask with asyncio.run", "flask"),
    "django_unpooled": App("Django without a pool", "django"),
    "django_pooled": App("Django with a pool", "django"),
    "fastapi_sqlalchemy": App("FastAPI with SQLAlchemy", "fastapi"),
    "fastapi_sqlalchemy_no_limit": App("FastAPI with SQLAlchemy without LIMIT", "fastapi"),
    "fastapi_psycopg_pool": App("FastAPI with psycopg_pool", "fastapi"),
    "flask_sqlalchemy_app": App("Flask with SQLAlchemy", "flask"),
    "flask_psycopg_pool": App("Flask with psycopg_pool", "flask"),
}


def app_of(command: str) -> App | None:
    """Return the facts of the app that a command serves, `MODULE:APP` at its end; None of a user's own."""
    words = shlex.split(command)
    return app_at(words[-1]) if words else None


def title_of(command: str, mode: str) -> str | None:
    """Return what people call the app that a command serves; None of one that is not in `apps/`.

    Django serves both interfaces, and says so. The command may be that of a run from elsewhere.
    """
    app = app_at(command.rsplit(maxsplit=1)[-1]) if command.split() else None
    if app is None:
        return None
    return f"async {app.title}" if app.framework == "django" and mode == "async" else app.title


def app_at(target: str) -> App | None:
    """Return the facts of the app at `MODULE:APP`; None of a user's own."""
    return APPS.get(target.partition(":")[0])
