"""Django's ORM, sync (`wsgi`) and async (`asgi`), with the pool that Django offers, psycopg_pool."""

from __future__ import annotations

from common.django_quotes import site

site.configure(__name__, pooled=True)

wsgi = site.wsgi()
asgi = site.asgi()
