"""Flask on WSGI whose handler runs a coroutine: async bolted onto sync, a new event loop for each request.

The client lives as long as its loop, one request: connections cannot outlive the loop that made them.
"""

from __future__ import annotations

import asyncio
from typing import Any

from common import async_db, identity, page
from common.compact_json import CompactJSON
from common.db import DatabaseError
from flask import Flask, request

app = Flask(__name__, static_folder=None)
app.json = CompactJSON(app)


async def fetch_value() -> int:
    """Ask the database over a client made for this one call."""
    async with async_db.open_client() as client:
        return await async_db.fetch_value(client)


@app.get("/")
def home() -> str:
    """Render the page."""
    return page.render()


@app.get("/api")
def api() -> dict[str, int]:
    """Ask the database for one value, in an event loop of this request's own."""
    return {"value": asyncio.run(fetch_value())}


@app.get("/ready")
def ready() -> dict[str, Any]:
    """Say who is answering, seen from inside such a loop."""
    http = identity.wsgi_parser(request.environ)

    async def describe() -> dict[str, Any]:
        return identity.describe(__name__, http=http)

    return asyncio.run(describe())


@app.errorhandler(DatabaseError)
def database_failed(error: DatabaseError) -> tuple[dict[str, str], int]:
    """Say that the fault is behind this application."""
    return {"error": str(error)}, 502
