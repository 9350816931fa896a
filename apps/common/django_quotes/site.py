"""Configuring Django, and making its WSGI and ASGI applications."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler

from common import postgres
from common.psycopg_pools import SIZES


def configure(module: str, *, pooled: bool) -> None:
    """Configure Django for the application `module`, with a connection per request or with its own pool."""
    settings.configure(
        TRIPOD_MODULE=module,
        DATABASES={"default": _database(pooled=pooled)},
        INSTALLED_APPS=["common.django_quotes"],
        MIDDLEWARE=[],
        ROOT_URLCONF="common.django_quotes.views",
        TIME_ZONE="UTC",
        USE_TZ=True,
        LOGGING={
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"stderr": {"class": "logging.StreamHandler"}},
            "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
        },
    )
    django.setup()


def _database(*, pooled: bool) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": postgres.HOST,
        "PORT": postgres.PORT,
        "USER": postgres.USER,
        "NAME": postgres.NAME,
        "CONN_MAX_AGE": 0,  # unpooled: a connection lives as long as the request
        "OPTIONS": postgres.CONNECTION | ({"pool": SIZES} if pooled else {}),
    }


class _AsyncRequest(ASGIRequest):
    urlconf = "common.django_quotes.async_views"  # in place of ROOT_URLCONF


class _AsyncHandler(ASGIHandler):
    request_class = _AsyncRequest

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        scope["tripod.receive"] = receive  # for /ready, to which Django does not hand it on
        await super().__call__(scope, receive, send)


def wsgi() -> WSGIHandler:
    """Return the application with plain views."""
    return WSGIHandler()


def asgi() -> ASGIHandler:
    """Return the application with `async def` views."""
    return _AsyncHandler()
