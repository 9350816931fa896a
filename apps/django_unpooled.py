"""Django's ORM, sync (`wsgi`) and async (`asgi`), as it is by default: each request opens a connection."""

from __future__ import annotations

from common.django_quotes import site

site.configure(__name__, pooled=False)

wsgi = site.wsgi()
asgi = site.asgi()
