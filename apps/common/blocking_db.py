"""The blocking way to the database: one `requests.Session` per process.

One session is shared by all threads and greenlets: its connection pool is made for that, and the one thing
that calls would write to, the cookie jar, is closed. A session for each (`threading.local`) would give gevent
one per client connection. Nothing is connected before the first call, hence never before a server forks.
"""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

import requests
from requests.models import CONTENT_CHUNK_SIZE
from urllib3 import Timeout

from common import settings
from common.db import DatabaseError, parse_value, too_long
from common.deadline import DeadlineAdapter

_TIMEOUT = Timeout(connect=settings.CONNECT_TIMEOUT, total=settings.TOTAL_TIMEOUT)


def _open_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", DeadlineAdapter(pool_connections=1, pool_maxsize=settings.POOL_SIZE))
    return session


_SESSION = _open_session()


def fetch_value() -> int:
    """Ask the database for one value.

    Raises:
        DatabaseError: if it cannot be had within `settings.TOTAL_TIMEOUT` seconds.

    """
    try:
        response = _SESSION.get(settings.VALUE_URL, timeout=_TIMEOUT, allow_redirects=False, stream=True)
        with response:  # a connection whose answer was not read to its end is closed, not used again
            body = _read(response)
    except requests.RequestException as error:
        raise DatabaseError(f"the database cannot be asked: {type(error).__name__}") from error
    return parse_value(response.status_code, body)


def _read(response: requests.Response) -> bytes:
    """Read the body as `requests` itself would, but not without end."""
    body = b""
    for part in response.iter_content(CONTENT_CHUNK_SIZE):
        body += part
        if len(body) > settings.ANSWER_BYTES:
            raise too_long()
    return body
