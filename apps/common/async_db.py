"""The async way to the database: an `httpx2.AsyncClient`, opened by whoever owns the event loop."""

from __future__ import annotations

import asyncio
import ssl

import httpx2

from common import settings
from common.db import DatabaseError, parse_value, too_long

_TIMEOUT = httpx2.Timeout(settings.TOTAL_TIMEOUT, connect=settings.CONNECT_TIMEOUT)
# httpx2's own limits (100 connections, of which 20 kept, for 5 s) would throttle the servers under test.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)
# Given no TLS context, a client makes one: about 20 ms, which a client per request would pay each time.
_TLS = ssl.create_default_context()


def open_client() -> httpx2.AsyncClient:
    """Return a client; close it with `async with`. It belongs to the event loop that first uses it."""
    return httpx2.AsyncClient(
        timeout=_TIMEOUT, limits=_LIMITS, verify=_TLS, trust_env=False, follow_redirects=False
    )


async def fetch_value(client: httpx2.AsyncClient) -> int:
    """Ask the database for one value.

    Raises:
        DatabaseError: if it cannot be had within `settings.TOTAL_TIMEOUT` seconds.

    """
    try:
        async with asyncio.timeout(settings.TOTAL_TIMEOUT):  # httpx2's own timeout bounds each read alone
            response = await client.send(client.build_request("GET", settings.VALUE_URL), stream=True)
            try:
                body = await _read(response)
            finally:  # a connection whose answer was not read to its end is closed, not used again
                await response.aclose()
    except (httpx2.HTTPError, TimeoutError) as error:
        raise DatabaseError(f"the database cannot be asked: {type(error).__name__}") from error
    return parse_value(response.status_code, body)


async def _read(response: httpx2.Response) -> bytes:
    """Read the body as `httpx2` itself would, but not without end."""
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > settings.ANSWER_BYTES:
            raise too_long()
    return body
